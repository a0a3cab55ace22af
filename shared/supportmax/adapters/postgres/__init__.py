"""The desk's store on Postgres: one connection per sandbox, one transaction per use case."""
