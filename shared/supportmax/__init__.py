"""SupportMax Pro: an AI support desk as small stateless functions on one Postgres."""

import os

# Before anything imports numpy: its matrices are small here, and a thread on every core costs more than it gives (16 ms
# instead of 1 where the cores are busy).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
