"""Named questions to an edition, one file a subject."""
