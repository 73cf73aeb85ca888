"""Gapminder's compilation of ILO, UNDP and World Bank series: income, work, poverty, schooling, towns, internet."""
