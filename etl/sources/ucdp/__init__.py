"""UCDP's count of deaths in organised violence by the country where they happened: best, low and high."""
