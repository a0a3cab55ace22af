"""Runs MiniStack with five changes; started by emulator.py in .venv-ministack.

MiniStack starts a process per concurrent invocation and unpacks every layer for each: 190 MB and 1.5 s a process. Here
a layer is unpacked once and then linked, and a function gets at most WORKERS processes; further requests wait for a
free one, as nothing here invokes itself. docs/decisions/0002-one-machine-stack.md has the figures.

Three more make it behave as AWS does: a batch call of SQS needs the permission of the single call (there is no
`sqs:SendMessageBatch` to grant), sending mail needs the permission for the sender's identity, and gateway responses in
an API's definition take effect.

Nothing of this project may be imported here: the interpreter is MiniStack's.
"""

import hashlib
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
from ministack.services import apigateway_v1

WORKERS = int(os.environ["SUPPORTMAX_WORKERS"])
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
    """Lets an invocation wait for a worker of its function instead of starting one more process."""

    def __init__(self) -> None:
        self.freed = threading.Condition()
        self.acquire_now = lambda_runtime.acquire_worker
        self.release_now = lambda_runtime.release_worker

    def acquire(
        self, func_name: str, config: dict[str, Any], code_zip: bytes, qualifier: str = "$LATEST", _: int | None = None
    ) -> tuple[Any, str]:
        deadline = time.monotonic() + float(config.get("Timeout", 30))
        with self.freed:
            while True:
                worker, reason = self.acquire_now(func_name, config, code_zip, qualifier, WORKERS)
                left = deadline - time.monotonic()
                if worker is not None or left <= 0:
                    return worker, reason
                self.freed.wait(left)

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


def with_gateway_responses(import_api: Callable[..., str]) -> Callable[..., str]:
    """What `GatewayResponses` of a SAM API becomes in its definition."""

    def imported(spec: dict[str, Any], base_data: Any = None) -> str:
        api_id = import_api(spec, base_data)
        for kind, response in spec.get("x-amazon-apigateway-gateway-responses", {}).items():
            apigateway_v1._put_gateway_response(api_id, kind, response)
        return api_id

    return imported


def main() -> None:
    LAYERS.mkdir(parents=True, exist_ok=True)
    errors = {"BadZipFile": zipfile.BadZipFile, "LargeFileError": zipfile.LargeZipFile}
    lambda_runtime.zipfile = SimpleNamespace(ZipFile=LayerZip, **errors)
    iam_actions._action_from_target = single_action(iam_actions._action_from_target)
    iam_actions.extract_resource_arn = sender_identity(iam_actions.extract_resource_arn)
    apigateway_v1._import_rest_api = with_gateway_responses(apigateway_v1._import_rest_api)
    queue = WorkerQueue()
    lambda_runtime.acquire_worker, lambda_runtime.release_worker = queue.acquire, queue.release
    app.main()


if __name__ == "__main__":
    main()
