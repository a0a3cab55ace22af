"""Background processes with pid files that are checked before anything is stopped."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from infra.local import paths
from infra.local.errors import StackError
from infra.local.state import write_private

START_TOLERANCE = 1.0  # seconds by which the system's start time may be rounded


def own_environment() -> dict[str, str]:
    """The caller's environment without settings of another AWS account or of another stack."""
    foreign = ("AWS_", "SUPPORTMAX_", "PG", "PYTHON")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)}


@dataclass(frozen=True)
class Daemon:
    """One background process, known by name; its pid file holds the pid and when that process started."""

    name: str

    @property
    def pid_file(self) -> Path:
        return paths.PIDS / f"{self.name}.json"

    @property
    def log(self) -> Path:
        return paths.LOGS / f"{self.name}.log"

    def process(self) -> psutil.Process | None:
        """The running process, never another one that got the same pid later."""
        try:
            stored = json.loads(self.pid_file.read_text(encoding="utf-8"))
            process = psutil.Process(stored["pid"])
            same = abs(process.create_time() - stored["started"]) <= START_TOLERANCE
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except (OSError, ValueError, KeyError, psutil.Error):
            return None

    def start(self, command: Sequence[object], environment: Mapping[str, str]) -> None:
        """Starts it in a session of its own, so that Ctrl-C in the terminal does not reach it."""
        paths.LOGS.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            child = subprocess.Popen(
                [str(part) for part in command],
                cwd=paths.ROOT,
                env={**own_environment(), **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        child.returncode = 0  # it outlives us: keeps Popen from warning that nobody waits for it
        started = psutil.Process(child.pid).create_time()
        write_private(self.pid_file, json.dumps({"pid": child.pid, "started": started}))

    def wait_until_ready(self, ready: Callable[[], bool], seconds: float) -> None:
        """Polls `ready` until it says yes; says why from the log when the process ends or the time is up."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self.process() is None:
                raise StackError(f"{self.name} ended at once: {self.last_words()} (log: {self.log})")
            if time.monotonic() > deadline:
                raise StackError(f"{self.name} did not answer within {seconds:.0f} s (log: {self.log})")
            time.sleep(0.05)

    def last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if self.log.exists() else []
        return lines[-1] if lines else "no output"

    def stop(self, seconds: float = 20) -> bool:
        """Asks it to end, waits, then insists. True when there was something to stop."""
        process = self.process()
        if process is not None:
            family = [*process.children(recursive=True), process]
            process.terminate()
            _, alive = psutil.wait_procs(family, timeout=seconds)
            for straggler in alive:
                _kill(straggler)
        self.pid_file.unlink(missing_ok=True)
        return process is not None


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return
