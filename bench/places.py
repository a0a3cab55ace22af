"""Where things are."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODEL = ROOT / "infra" / "layers" / "embedder" / "model"
MIGRATIONS = ROOT / "infra" / "migrations"
ARTICLES = ROOT / "infra" / "sample" / "kb"
QUESTIONS = ROOT / "infra" / "sample" / "triage_examples.csv"
PEER_PROGRAM = ROOT / "bench" / "peer" / "program.py"
PEER_LOCK = ROOT / "bench" / "requirements-peer.txt"
PEER_ENVIRONMENT = ROOT / ".venv-bench"
PEER_PYTHON = PEER_ENVIRONMENT / "bin" / "python"
PYTHON = Path(sys.executable)
