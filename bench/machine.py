"""What a run was made on."""

import os
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench import places

OURS = ("fastapi", "psycopg", "onnxruntime", "numpy")
PEERS = ("chromadb", "langchain", "langchain-chroma", "sqlalchemy", "celery", "fastapi")


@dataclass(frozen=True, slots=True)
class Machine:
    """Facts beside the figures. `load` is the load average when the run ended, on `cores` processors."""

    date: str
    processor: str
    cores: int
    memory_gb: int
    load: float
    python: str
    postgres: str
    ours: dict[str, str]
    peers: dict[str, str]


def describe(postgres: str) -> Machine:
    return Machine(
        date=datetime.now(UTC).strftime("%Y-%m-%d"),
        processor=_field(Path("/proc/cpuinfo"), "model name") or platform.processor() or platform.machine(),
        cores=os.cpu_count() or 1,
        memory_gb=round(int((_field(Path("/proc/meminfo"), "MemTotal") or "0 kB").split()[0]) / 1024**2),
        load=round(os.getloadavg()[0], 1),
        python=platform.python_version(),
        postgres=postgres,
        ours={name: version(name) for name in OURS},
        peers=_peer_versions(),
    )


def _field(file: Path, name: str) -> str | None:
    """The first value of that name in a file of the `name : value` kind."""
    if not file.exists():
        return None
    lines = (line.partition(":") for line in file.read_text("utf-8").splitlines())
    return next((value.strip() for key, _, value in lines if key.strip() == name), None)


def _peer_versions() -> dict[str, str]:
    code = f"import importlib.metadata as m; print(*(m.version(n) for n in {PEERS!r}))"
    printed = subprocess.run([places.PEER_PYTHON, "-c", code], capture_output=True, text=True, check=True).stdout
    return dict(zip(PEERS, printed.split(), strict=True))
