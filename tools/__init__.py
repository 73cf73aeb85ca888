"""Programs beside the product: measuring, geography, the bill of materials."""
