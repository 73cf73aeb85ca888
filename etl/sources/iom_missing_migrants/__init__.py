"""IOM's Missing Migrants Project: incidents in which people died or went missing on the way."""
