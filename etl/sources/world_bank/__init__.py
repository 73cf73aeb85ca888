"""World Bank development indicators: remittances, growth, inflation, modelled unemployment, population."""
