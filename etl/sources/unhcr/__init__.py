"""UNHCR's Refugee Data Finder: displacement by corridor, as stocks and flows of a year."""
