"""`make fuzz`: thousands of generated calls, single and in sequences, against a stack deployed for it alone.

All checks of schemathesis but one (schemathesis.toml says which and why). Arguments go to `schemathesis run`:
`make fuzz FUZZ_ARGS="--include-path /v1/tickets"`. The exit code is 1 when a check failed; the summary names the calls.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.e2e.stack import ROOT, DeployedStack

COMMAND = [sys.executable, "-m", "schemathesis.cli", "--config-file", "tests/fuzz/schemathesis.toml", "run"]
# More than a person makes: a call that is turned away as one too many shows nothing.
LIMITS = {f"SUPPORTMAX_RATE_LIMIT_{what}": "1000000" for what in ("CALLER", "ADDRESS", "SIGN_IN", "VISITOR", "CHAT")}


def fuzz(stack: DeployedStack, *arguments: str) -> int:
    """Run schemathesis over the stack's own OpenAPI document; its exit code."""
    api = stack.status["api_url"]
    settings = {"FUZZ_API_URL": api, "FUZZ_EMAIL": stack.status["agent"]["email"], "PYTHONPATH": str(ROOT)}
    command = [*COMMAND, stack.status["openapi_url"], "--url", api, *arguments]
    return subprocess.run(command, cwd=ROOT, env=stack.environment | settings, check=False).returncode


def main() -> int:
    with TemporaryDirectory(prefix="supportmax-fuzz-") as home:
        print("Deploying a stack to call ...", flush=True)
        stack = DeployedStack.up(Path(home), LIMITS)
        try:
            return fuzz(stack, *sys.argv[1:])
        finally:
            stack.down()


if __name__ == "__main__":
    sys.exit(main())
