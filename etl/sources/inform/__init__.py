"""INFORM Risk: one edition of an index of the risk of humanitarian crises and disasters."""
