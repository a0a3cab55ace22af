"""Builds what is delivered: Lambda artifacts, environments, lock files, the OpenAPI document."""
