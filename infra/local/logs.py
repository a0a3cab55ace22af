"""Reading what functions and processes of the stack have logged."""

from botocore.exceptions import BotoCoreError, ClientError

from infra.local import paths
from infra.local.emulator import STACK
from infra.local.errors import StackError
from infra.local.stack import Stack


def read_log(name: str, lines: int) -> list[str]:
    """The last lines of a process's log file or of a function's log group."""
    file = paths.LOGS / f"{name}.log"
    if file.exists():
        return file.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
    if not (paths.ROOT / "functions" / name / "app.py").exists():
        raise StackError(f"nothing here is called {name}: {', '.join(known())}")
    return _function_log(name.replace("_", "-"), lines)


def known() -> list[str]:
    """All names that have a log."""
    functions = (path.parent.name for path in (paths.ROOT / "functions").glob("*/app.py"))
    return sorted({*functions, *(path.stem for path in paths.LOGS.glob("*.log"))})


def _function_log(name: str, lines: int) -> list[str]:
    emulator = Stack().emulator
    if not emulator.is_ready():
        raise StackError("the stack does not run, and the logs of functions are in it: supportmax dev up")
    client = emulator.client("logs")
    try:
        events = client.filter_log_events(logGroupName=f"/aws/lambda/{STACK}-{name}").get("events", [])
    except (ClientError, BotoCoreError) as error:
        raise StackError(f"cannot read the log of {name}: {error}") from error
    text = [
        line for event in sorted(events, key=lambda event: event["timestamp"]) for line in event["message"].split("\n")
    ]
    return [line for line in text if line.strip()][-lines:]
