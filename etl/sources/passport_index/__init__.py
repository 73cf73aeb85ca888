"""Passport Index: what the holder of an ordinary passport of one country needs to enter another."""
