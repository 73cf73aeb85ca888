"""UN DESA's international migrant stock: who lives outside the country of birth, by residence and origin."""
