"""UNODC's trafficking in persons data set: detected victims, and suspects, prosecutions and convictions, by year."""
