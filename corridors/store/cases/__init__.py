"""Case records in their private database, and the protected counts made of them."""
