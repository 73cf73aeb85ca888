"""Country briefings: a workbook that a member fills in, read, checked, kept as text with every earlier version."""
