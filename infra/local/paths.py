"""Where the one-machine stack keeps things."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Another folder lets tests run a second stack beside the developer's own.
HOME = Path(os.environ.get("SUPPORTMAX_HOME") or ROOT / ".supportmax").resolve()

STATE = HOME / "state.json"
POSTGRES = HOME / "postgres"
EMULATOR = HOME / "aws"
MAILBOX = HOME / "mailbox"
LOGS = HOME / "logs"
PIDS = HOME / "pids"
TEMP = HOME / "tmp"
BUILT = HOME / "built"  # not .aws-sam: what `make build` writes there is for Lambda's Python
PACKAGED = HOME / "template.yaml"
PARAMETERS = HOME / "parameters.yaml"

PROJECT_BIN = ROOT / ".venv" / "bin"
EMULATOR_PYTHON = ROOT / ".venv-ministack" / "bin" / "python"
SAM = ROOT / ".venv-sam" / "bin" / "sam"
