"""What this machine must offer, and whether it does. `dev up` asks before it starts, `doctor` reports all of it."""

import hashlib
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

import psutil

from infra.local import paths, settings
from infra.local.errors import StackError
from infra.local.postgres import Postgres
from infra.local.processes import Daemon
from infra.local.state import State

OLDEST_PYTHON = (3, 11)
NEEDED_DISK = 1_500_000_000  # bytes: database, built functions and their zips, logs
NEEDED_MEMORY = 2_000_000_000  # bytes
MODEL = paths.ROOT / "infra" / "layers" / "embedder" / "model"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `hard` findings stop `dev up`; `advice` says what to do."""

    name: str
    ok: bool
    detail: str
    advice: str = ""
    hard: bool = True

    def line(self) -> str:
        return f"{self.name}: {self.detail}{f' - {self.advice}' if self.advice and not self.ok else ''}"


def python() -> Finding:
    have = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", sys.version_info >= OLDEST_PYTHON, have, "3.11 or newer is needed: make PYTHON=… setup")


def environments() -> Finding:
    tools = (paths.EMULATOR_PYTHON, paths.SAM, paths.PROJECT_BIN / "uv")
    missing = sorted(str(tool.relative_to(paths.ROOT).parts[0]) for tool in tools if not tool.exists())
    return Finding(
        "environments", not missing, f"missing {', '.join(missing)}" if missing else "complete", "make setup"
    )


def same_python() -> Finding:
    """The functions are built for one Python and run on the emulator's: both must be this one."""
    settings = paths.EMULATOR_PYTHON.parents[1] / "pyvenv.cfg"
    text = settings.read_text(encoding="utf-8") if settings.exists() else ""
    wanted = f"{sys.version_info.major}.{sys.version_info.minor}."
    same = any(line.split("=")[-1].strip().startswith(wanted) for line in text.splitlines() if "version" in line)
    return Finding("emulator's Python", same, "the same" if same else "another", "make setup")


def disk() -> Finding:
    place = next(folder for folder in (paths.HOME, *paths.HOME.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    advice = f"{NEEDED_DISK / 1e9:.1f} GB are needed: free some space, or set SUPPORTMAX_HOME to a folder elsewhere"
    return Finding("disk", free >= NEEDED_DISK, f"{free / 1e9:.1f} GB free in {place}", advice)


def memory() -> Finding:
    free = psutil.virtual_memory().available
    advice = f"the whole stack wants up to {NEEDED_MEMORY / 1e9:.0f} GB"
    return Finding("memory", free >= NEEDED_MEMORY, f"{free / 1e9:.1f} GB available", advice, hard=False)


def model() -> Finding:
    """The README beside the model lists the SHA-256 of its files; a half-done checkout would fail late and oddly."""
    listed = (MODEL / "README.md").read_text(encoding="utf-8") if (MODEL / "README.md").exists() else ""
    files = [MODEL / name for name in ("model.onnx", "one_text.onnx", "tokenizer.json")]
    broken = [file.name for file in files if not file.exists() or _sha256(file.read_bytes()) not in listed]
    detail = f"{' and '.join(broken)} missing or damaged" if broken else "present and whole"
    return Finding("embedding model", not broken, detail, "git checkout infra/layers/embedder/model")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def state_file() -> Finding:
    """A torn state file means new passwords for an old database."""
    if not paths.STATE.exists():
        orphan = (paths.POSTGRES / "PG_VERSION").exists()
        detail = "state.json is gone, and with it the passwords of the database" if orphan else "new"
        return Finding("state", not orphan, detail, f"remove {paths.HOME}; its data is lost")
    try:
        json.loads(paths.STATE.read_text(encoding="utf-8"))
    except ValueError:
        return Finding("state", False, f"{paths.STATE} is damaged", f"remove {paths.HOME}; its data is lost")
    return Finding("state", True, str(paths.STATE))


def settings_file() -> Finding:
    unknown = settings.without_effect()
    known = ", ".join(sorted(settings.given())) or "defaults"
    detail = f"{', '.join(unknown)} in .env has no effect" if unknown else known
    return Finding("settings", not unknown, detail, "see .env.example for the names", hard=False)


def processes() -> Finding:
    """All of the stack runs, or nothing does; anything between is an accident."""
    state = State.load()
    running = {
        "database": Postgres(state.ports.get("postgres", 0), "").pid() is not None,
        "AWS emulator": Daemon("ministack").process() is not None,
        "mailbox": Daemon("mailbox").process() is not None,
    }
    dead = [name for name, runs in running.items() if not runs]
    if not dead or len(dead) == len(running):
        return Finding("processes", True, "the stack does not run" if dead else "the stack runs")
    return Finding("processes", False, f"{' and '.join(dead)} died", "supportmax dev up starts it again", hard=False)


CHECKS: tuple[Callable[[], Finding], ...] = (
    python,
    environments,
    same_python,
    disk,
    memory,
    model,
    state_file,
    settings_file,
    processes,
)


def findings() -> list[Finding]:
    return [check() for check in CHECKS]


def require() -> None:
    """Raises for the first thing without which nothing would work."""
    for finding in findings():
        if finding.hard and not finding.ok:
            raise StackError(finding.line())


def release() -> str:
    return version("supportmax")
