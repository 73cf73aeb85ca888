"""How members' own files come in: checked, accepted, withdrawn. One report for every kind of file."""
