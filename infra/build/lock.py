"""`make lock`: resolves every requirements.in into a lock file for all supported Pythons."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UV = ROOT / ".venv" / "bin" / "uv"
OPTIONS = ["--universal", "--python-version", "3.11", "--no-header", "--no-annotate", "--generate-hashes", "--quiet"]

SMALLER = ("--override", "infra/layers/embedder/overrides.txt")

# (folder of the input and its lock, name of both, further options). The root comes first: what is deployed takes
# the versions that the tests ran with.
LOCKS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (".", "requirements", ()),
    ("shared", "requirements", ("-c", "requirements.txt")),
    ("infra/layers/embedder", "requirements", ("-c", "requirements.txt", *SMALLER)),
    ("infra/container", "requirements", ("-c", "requirements.txt", *SMALLER)),
    ("functions/admin", "requirements", ("-c", "requirements.txt")),
    ("functions/salesforce_sync", "requirements", ("-c", "requirements.txt")),
    ("bench", "requirements-peer", ("-c", "requirements.txt")),
    ("infra/local", "ministack", ()),
    ("infra/local", "sam", ()),
)


def names(lock: Path) -> list[str]:
    """The packages that a lock file pins."""
    return [line.split("==")[0] for line in lock.read_text().splitlines() if line[:1].isalnum() and "==" in line]


def without_core() -> list[str]:
    """A function's own packages are those that the core layer lacks."""
    return [f"--no-emit-package={name}" for name in names(ROOT / "shared" / "requirements.txt")]


def main() -> None:
    """Arguments are passed on to uv, e.g. `--upgrade` or `--upgrade-package fastapi`."""
    for folder, name, further in LOCKS:
        options = [*OPTIONS, *further, *sys.argv[1:]]
        if folder.startswith("functions/"):
            options += without_core()
        source, lock = f"{folder}/{name}.in", f"{folder}/{name}.txt"
        subprocess.run([UV, "pip", "compile", *options, source, "--output-file", lock], cwd=ROOT, check=True)
        print(f"lock: {lock}")


if __name__ == "__main__":
    main()
