"""World Bank governance indicators: corruption, rule of law and stability as perceived, with their margins."""
