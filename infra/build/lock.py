"""`make lock`: resolves every requirements.in into a lock file for all supported Pythons."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UV = ROOT / ".venv" / "bin" / "uv"
OPTIONS = "--universal --python-version 3.11 --no-header --no-annotate --generate-hashes --quiet".split()

# (input, lock, further options). The root comes first: the layers take what the tests ran with.
LOCKS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("requirements.in", "requirements.txt", ()),
    ("shared/requirements.in", "shared/requirements.txt", ("-c", "requirements.txt")),
    (
        "infra/layers/embedder/requirements.in",
        "infra/layers/embedder/requirements.txt",
        ("-c", "requirements.txt", "--override", "infra/layers/embedder/overrides.txt"),
    ),
    ("infra/local/ministack.in", "infra/local/ministack.txt", ()),
    ("infra/local/sam.in", "infra/local/sam.txt", ()),
)


def main() -> None:
    """Arguments are passed on to uv, e.g. `--upgrade` or `--upgrade-package fastapi`."""
    for source, lock, further in LOCKS:
        options = [*OPTIONS, *further, *sys.argv[1:]]
        subprocess.run([UV, "pip", "compile", *options, source, "--output-file", lock], cwd=ROOT, check=True)
        print(f"lock: {lock}")


if __name__ == "__main__":
    main()
