"""Joint Periods of Action: the text of `data/editorial/actions` read, examined, and made into tables of an edition."""
