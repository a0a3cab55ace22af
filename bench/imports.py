"""How long a cold function takes to import its code, against the imports of the usual stack."""

import os
import subprocess
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from bench import places
from bench.progress import Steps
from bench.stats import Times

PEER = "usual stack"
# What such a service's main module imports, by the names its authors would use.
_PEER_IMPORTS = """
import chromadb, langchain, langchain_community
from celery import Celery
from fastapi import FastAPI
from langchain_chroma import Chroma
from sqlalchemy.orm import Session
"""
_TIMED = "import time; start = time.perf_counter()\n{code}\nprint((time.perf_counter() - start) * 1000)"


@dataclass(frozen=True, slots=True)
class Imports:
    """Import times by function, and those of the peer. The interpreter's own start is not in them."""

    functions: dict[str, Times]
    peer: Times


def functions() -> list[str]:
    return sorted(path.parent.name for path in (places.ROOT / "functions").glob("*/app.py"))


def measure(rounds: int, steps: Steps) -> Imports:
    """Every round imports every function, and then the peer, each in a fresh interpreter; one round first is for
    the compiled files and the file cache and does not count."""
    code = {name: f"import functions.{name}.app" for name in functions()}
    times: dict[str, list[float]] = defaultdict(list)
    for number in range(rounds + 1):
        for name in [*code, PEER]:
            took = _run(places.PEER_PYTHON, _PEER_IMPORTS) if name == PEER else _run(places.PYTHON, code[name])
            if number:
                times[name].append(took)
            steps.advance()
    return Imports({name: Times.of(times[name]) for name in code}, Times.of(times[PEER]))


def steps(rounds: int) -> int:
    return (rounds + 1) * (len(functions()) + 1)


def _run(python: Path, code: str) -> float:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [python, "-c", _TIMED.format(code=code)],
        cwd=places.ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{code.strip()} failed: {done.stderr.strip().splitlines()[-1]}")
    return float(done.stdout.split()[-1])
