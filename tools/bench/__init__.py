"""Measurements, run by `make bench`. Never asserted in tests: machines differ; ratios and orders of size count."""
