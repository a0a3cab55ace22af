"""Creates the project's environments; does nothing for one whose inputs have not changed.

Runs on the bare interpreter before anything is installed, so it uses the standard library only. Each
environment keeps a stamp: the hashes of the interpreter and of the requirements. A half-made environment has no
stamp and is made again.
"""

import hashlib
import subprocess
import sys
import time
import venv
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OLDEST = (3, 11)
PROJECT = ROOT / ".venv"


@dataclass(frozen=True)
class Environment:
    """One virtual environment and the lock file that says what is in it."""

    folder: Path
    lock: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def stamp(self) -> Path:
        return self.folder / ".supportmax-stamp"

    def interpreter(self) -> str:
        """What the folder itself depends on: another value means a new folder."""
        # In an activated environment the base interpreter is the one that counts.
        base = str(getattr(sys, "_base_executable", sys.executable))
        return _digest(sys.version.encode(), str(Path(base).resolve()).encode(), str(self.folder).encode())

    def contents(self) -> str:
        """What is installed into it: another value means another `uv pip sync`."""
        project = (ROOT / "pyproject.toml").read_bytes() if self.folder == PROJECT else b""
        return _digest(self.lock.read_bytes(), project)

    def stamped(self) -> list[str]:
        """The two values of the last complete run, or nothing."""
        whole = self.python.exists() and self.stamp.exists()
        return self.stamp.read_text().split() if whole else []

    def is_current(self) -> bool:
        return self.stamped() == [self.interpreter(), self.contents()]


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


ENVIRONMENTS = (
    Environment(PROJECT, ROOT / "requirements.txt"),
    Environment(ROOT / ".venv-ministack", ROOT / "infra/local/ministack.txt"),
    Environment(ROOT / ".venv-sam", ROOT / "infra/local/sam.txt"),
)


def fail(message: str) -> None:
    """Ends with one line instead of a trace."""
    sys.exit(f"setup: {message}")


def check_interpreter() -> None:
    """Stops early on a Python that cannot work, with what to do about it."""
    if sys.version_info < OLDEST:
        have = ".".join(map(str, sys.version_info[:2]))
        fail(f"Python {have} is too old, 3.11 or newer is needed: make PYTHON=/path/to/python3.11 setup")
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        fail("this Python cannot make environments; on Debian and Ubuntu: apt-get install python3-venv")


def run(*parts: object) -> None:
    command = [str(part) for part in parts]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stdout[-3000:] + done.stderr[-3000:])
        fail(f"this command failed: {' '.join(command)}")


def locked_uv() -> str:
    """The line of requirements.txt that pins uv, e.g. "uv==0.13.9"."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return next(line.split()[0] for line in lines if line.startswith("uv=="))


def create(environment: Environment) -> None:
    """An empty environment; only the project's own has pip, to fetch the uv that fills all three."""
    is_project = environment.folder == PROJECT
    venv.create(environment.folder, with_pip=is_project, clear=True, symlinks=True)
    if is_project:
        run(environment.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", locked_uv())


def fill(environment: Environment) -> None:
    uv, python = PROJECT / "bin" / "uv", environment.python
    # Without bytecode: Python writes what is really imported, a small part.
    run(uv, "pip", "sync", "--quiet", "--python", python, environment.lock)
    if environment.folder == PROJECT:
        editable = ("--no-deps", "--no-build-isolation", "--python", python, "--editable", ROOT)
        run(uv, "pip", "install", "--quiet", *editable)


def make(environment: Environment) -> None:
    """Keeps the folder when only its contents changed: programs that run from it go on."""
    keep = environment.stamped()[:1] == [environment.interpreter()]
    environment.stamp.unlink(missing_ok=True)
    if not keep:
        create(environment)
    fill(environment)
    environment.stamp.write_text(f"{environment.interpreter()} {environment.contents()}")


def main() -> None:
    check_interpreter()
    for environment in ENVIRONMENTS:
        if environment.is_current():
            continue
        start = time.monotonic()
        print(f"setup: {environment.folder.name} …", end=" ", flush=True)
        make(environment)
        print(f"{time.monotonic() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
