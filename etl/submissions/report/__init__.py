"""What a check found, told to a person: in the terminal, as a page, as a marked workbook."""
