"""Queues that carry our events."""
