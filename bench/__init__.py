"""Benchmarks: each figure beside that of a peer, measured in the same run on the same machine."""
