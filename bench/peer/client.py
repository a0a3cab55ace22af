"""Our end of the pipe to the peer."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from bench import places
from bench.corpus import Corpus, external_id
from infra.build import setup

Reply = dict[str, Any]


def prepare() -> None:
    """Make the peer's environment, unless it is there and its lock file is the same."""
    environment = setup.Environment(places.PEER_ENVIRONMENT, places.PEER_LOCK)
    if not environment.is_current():
        setup.make(environment)


class Peer:
    """A running peer with a corpus in it."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def call(self, op: str, **request: Any) -> Reply:
        """The reply to one operation. RuntimeError when the peer has died."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"op": op, **request}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the peer ended during {op!r}; what it said stands above")
        reply: Reply = json.loads(line)
        return reply


@contextmanager
def running(folder: Path, corpus: Corpus, database: str) -> Iterator[Peer]:
    """A peer that has the corpus in a collection below `folder` and its conversations in `database`."""
    folder.mkdir()
    np.save(folder / "vectors.npy", corpus.vectors)
    (folder / "corpus.json").write_text(json.dumps(_documents(corpus)), "utf-8")
    environment = os.environ | {"PYTHONPATH": str(places.ROOT / "shared"), "OMP_NUM_THREADS": "1"}
    command = [places.PEER_PYTHON, places.PEER_PROGRAM]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=places.ROOT
    ) as process:
        peer = Peer(process)
        peer.call(
            "open",
            folder=str(folder / "chroma"),
            corpus=str(folder / "corpus.json"),
            vectors=str(folder / "vectors.npy"),
            model=str(places.MODEL),
            database=database,
        )
        yield peer
        assert process.stdin is not None
        process.stdin.close()


def _documents(corpus: Corpus) -> dict[str, list[Any]]:
    metadata = [
        {"article": external_id(p.article), "title": corpus.titles[p.article], "kind": p.kind} for p in corpus.pieces
    ]
    return {"ids": [str(i) for i in corpus.chunk_ids], "texts": [p.text for p in corpus.pieces], "metadata": metadata}
