"""The HTTP functions as one app under uvicorn: for hot reload, and for hosts that run containers."""
