"""The writers: from publishers' files to an edition. `python -m etl --help` lists the verbs."""
