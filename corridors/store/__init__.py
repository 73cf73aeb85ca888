"""The only door to DuckDB: the schema, the editions, and the named queries that everybody reads with."""
