"""SupportMax Pro: an AI support desk as small stateless functions on one Postgres."""

__version__ = "0.1.0"
