"""Use cases, one a file. They know the ports, never an adapter."""
