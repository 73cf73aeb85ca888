"""A member on two pages, as PDF."""
