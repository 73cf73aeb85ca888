"""Case records: how a file of them is read, checked, taken in and withdrawn, and how CTDC's profiles are imported."""
