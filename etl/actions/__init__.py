"""Joint Periods of Action: the text of `data/actions` read, examined, and made into tables of an edition."""
