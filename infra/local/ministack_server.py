"""Runs MiniStack with some changes; started by emulator.py in .venv-ministack.

- It starts a process per concurrent invocation and unpacks every layer for each: 190 MB and 1.5 s a process. Here a
  layer is unpacked once and then linked.
- It never ends a function's first process. Here there is a limit to the processes of a function and to all of them: a
  request waits for a free one, as nothing here invokes itself, and the process idle for longest makes room.
- Batches of SQS and the sender of SES are authorised as AWS authorises them; for the gateway see ministack_gateway.py.

docs/decisions/0002-one-machine-stack.md has the figures. The interpreter is MiniStack's: only the standard library,
MiniStack and the module beside this one can be imported.
"""

import hashlib
import json
import os
import shutil
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

from ministack import app
from ministack.core import iam_actions, lambda_runtime
from ministack.services import lambda_svc

from infra.local import ministack_gateway

# Processes of all functions together, and of single functions where it is not one.
ALL = int(os.environ["SUPPORTMAX_WORKERS"])
OWN: dict[str, int] = json.loads(os.environ["SUPPORTMAX_WORKERS_OF"])
NONE_NEW = -1  # below any number of processes: a free one is lent out, a new one is not started
LAYERS = Path(os.environ["SUPPORTMAX_LAYERS"])
LAYERS_KEPT = 4
ACCOUNT = "000000000000"


class LayerZip(zipfile.ZipFile):
    """A zip whose content is unpacked only once when it is a layer; the runtime calls those layer_0, layer_1 …"""

    unpacking = threading.Lock()

    def namelist(self) -> list[str]:
        """Empty for a layer that was unpacked, and so checked, before: the runtime checks each name on the disk."""
        return [] if self.unpacked().exists() else super().namelist()

    def unpacked(self) -> Path:
        """Where this content lies once it is unpacked."""
        digest = hashlib.sha256()
        for entry in self.infolist():
            digest.update(f"{entry.filename}\0{entry.CRC}\0{entry.file_size}\n".encode())
        return LAYERS / digest.hexdigest()[:24]

    def extractall(self, path: Any = None, members: Any = None, pwd: bytes | None = None) -> None:
        target = Path(path)
        if not target.name.startswith("layer_"):
            super().extractall(path, members, pwd)
            return
        with self.unpacking:
            ready = self.unpacked()
            if not ready.exists():
                partial = ready.with_suffix(".partial")
                shutil.rmtree(partial, ignore_errors=True)
                super().extractall(partial, members, pwd)
                partial.rename(ready)
                forget_older()
        target.rmdir()
        target.symlink_to(ready)


def forget_older() -> None:
    """Running workers keep what they have imported; the newest few layers stay."""
    kept = sorted(LAYERS.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)[LAYERS_KEPT:]
    for old in kept:
        shutil.rmtree(old, ignore_errors=True)


class WorkerQueue:
    """Lends out worker processes: at most `OWN` of one function, at most `ALL` together."""

    def __init__(self) -> None:
        self.freed = threading.Condition()
        self.acquire_now = lambda_runtime.acquire_worker
        self.release_now = lambda_runtime.release_worker

    def acquire(
        self, func_name: str, config: dict[str, Any], code_zip: bytes, qualifier: str = "$LATEST", _: int | None = None
    ) -> tuple[Any, str]:
        """MiniStack's own function, but for the waiting; after the function's timeout the caller is throttled."""
        own = OWN.get(func_name, 1)
        deadline = time.monotonic() + float(config.get("Timeout", 30))
        with self.freed:
            while True:
                room = self.make_room(func_name)
                worker, reason = self.acquire_now(func_name, config, code_zip, qualifier, own if room else NONE_NEW)
                left = deadline - time.monotonic()
                if worker is not None or left <= 0:
                    return worker, reason
                self.freed.wait(left)

    def make_room(self, func_name: str) -> bool:
        """Whether one more process may start; ends the one of another function that has been idle for longest."""
        with lambda_runtime._lock:
            everyone = [(key, worker) for key, pool in lambda_runtime._workers.items() for worker in pool]
            if len(everyone) < ALL:
                return True
            idle = [(key, worker) for key, worker in everyone if not worker.in_use and worker.func_name != func_name]
            if not idle:
                return False
            key, worker = min(idle, key=lambda item: item[1].last_used)
            lambda_runtime._workers[key].remove(worker)
        threading.Thread(target=lambda_runtime.kill_workers, args=([worker],), daemon=True).start()
        return True

    def release(self, worker: Any) -> None:
        self.release_now(worker)
        with self.freed:
            self.freed.notify_all()


def single_action(action_of: Callable[[dict[str, str]], str | None]) -> Callable[[dict[str, str]], str | None]:
    """SQS authorises SendMessageBatch as SendMessage, and so on."""

    def action(headers: dict[str, str]) -> str | None:
        name = action_of(headers)
        is_sqs = headers.get("x-amz-target", "").startswith("AmazonSQS.")
        return name.removesuffix("Batch") if name and is_sqs else name

    return action


def sender_identity(resource_of: Callable[..., str]) -> Callable[..., str]:
    """SES authorises SendRawEmail on the identity of its Source: the address, of which the domain is a part."""

    def resource(service: str, method: str, path: str, headers: dict[str, str], body: bytes, *rest: Any) -> str:
        found = resource_of(service, method, path, headers, body, *rest)
        source = parse_qs(body.decode(errors="replace")).get("Source") if service == "ses" and found == "*" else None
        if not source:
            return found
        return f"arn:aws:ses:{os.environ['MINISTACK_REGION']}:{ACCOUNT}:identity/{source[0].rpartition('@')[2]}"

    return resource


def main() -> None:
    LAYERS.mkdir(parents=True, exist_ok=True)
    errors = {"BadZipFile": zipfile.BadZipFile, "LargeFileError": zipfile.LargeZipFile}
    lambda_runtime.zipfile = SimpleNamespace(ZipFile=LayerZip, **errors)
    iam_actions._action_from_target = single_action(iam_actions._action_from_target)
    iam_actions.extract_resource_arn = sender_identity(iam_actions.extract_resource_arn)
    ministack_gateway.apply()
    queue = WorkerQueue()
    for module in (lambda_runtime, lambda_svc):  # the second has imported the names of the first
        module.acquire_worker, module.release_worker = queue.acquire, queue.release
    app.main()


if __name__ == "__main__":
    main()
