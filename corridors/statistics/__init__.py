"""Statistics: plain values and frames in, estimates out. Knows nothing of the house."""
