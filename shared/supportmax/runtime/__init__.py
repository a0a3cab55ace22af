"""What a function needs to run: settings, the container of adapters, entry helpers."""
