"""UNODC's crime trends survey: offences of smuggling of migrants that the police recorded, by year."""
