"""Building and deploying the real template to the emulator, and knowing when that is not needed."""

import hashlib
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.local import paths
from infra.local.emulator import REGION, STACK, Emulator
from infra.local.errors import StackError
from infra.local.package import package
from infra.local.processes import own_environment
from infra.local.state import write_private

ARTIFACTS = "supportmax-local-artifacts"
SOURCES = ("functions", "shared", "infra/build", "infra/layers", "infra/migrations")
FILES = ("template.yaml", "samconfig.toml")
COMPLETE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"}
BEYOND_UPDATE = {"REVIEW_IN_PROGRESS", "CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"}
SETTLE_SECONDS = 120
IGNORED = {"__pycache__", ".pytest_cache", ".mypy_cache"}


def source_files() -> Iterator[Path]:
    """All that a build reads, in a stable order."""
    yield from (paths.ROOT / name for name in FILES)
    for folder in SOURCES:
        for path in sorted((paths.ROOT / folder).rglob("*")):
            if path.is_file() and not IGNORED.intersection(path.parts) and path.suffix != ".pyc":
                yield path


def fingerprint() -> str:
    """Changes when any source of the build changes, or the Python that it is built for."""
    digest = hashlib.sha256(sys.version.encode())
    for path in source_files():
        digest.update(str(path.relative_to(paths.ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def run_sam(arguments: Sequence[str | Path], extra: dict[str, str], log_name: str) -> None:
    """Runs the SAM CLI with its output in a log; a failure is told by the line that matters."""
    paths.LOGS.mkdir(parents=True, exist_ok=True)
    log = paths.LOGS / f"{log_name}.log"
    search = os.pathsep.join([str(paths.PROJECT_BIN), os.environ.get("PATH", os.defpath)])
    environment = {**own_environment(), **extra, "PATH": search, "SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "0.5"}
    with log.open("wb") as output:
        command = [str(part) for part in (paths.SAM, *arguments)]
        done = subprocess.run(
            command, cwd=paths.ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT, check=False
        )
    if done.returncode:
        raise StackError(f"{log_name} failed: {_reason(log)} (log: {log})")


def _reason(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    telling = [line for line in lines if any(word in line for word in ("Error", "FAILED", "error:", "artifact:"))]
    return (telling or lines or ["no output"])[-1][:400]


def build() -> None:
    """The emulator runs functions on this very interpreter, so they are built for it."""
    machine = {"x86_64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}.get(platform.machine(), "x86_64")
    settings = {
        "SUPPORTMAX_BUILD_PYTHON": f"{sys.version_info.major}.{sys.version_info.minor}",
        "SUPPORTMAX_BUILD_PLATFORM": f"{machine}-manylinux_2_28",
    }
    run_sam(["build", "--config-env", "local", "--build-dir", paths.BUILT], settings, "sam-build")


@dataclass(frozen=True)
class Deployment:
    """The stack in one emulator."""

    emulator: Emulator

    def deploy(self, parameters: dict[str, str]) -> None:
        """Parameters travel in a private file: a command line is readable by everyone on the machine."""
        # SAM reads YAML here, of which JSON is a part.
        write_private(paths.PARAMETERS, json.dumps(parameters, indent=2))
        package(paths.BUILT, paths.PACKAGED)
        self._prepare_bucket()
        self.settle()
        arguments: list[str | Path] = [
            "deploy",
            "--config-file",
            paths.ROOT / "samconfig.toml",
            "--config-env",
            "local",
        ]
        arguments += ["--template-file", paths.PACKAGED]
        arguments += ["--parameter-overrides", f"file://{paths.PARAMETERS}"]
        try:
            run_sam(arguments, self.emulator.credentials(), "sam-deploy")
        except StackError as error:
            raise StackError(self.failure() or str(error)) from error

    def _prepare_bucket(self) -> None:
        storage = self.emulator.client("s3")
        try:
            storage.create_bucket(Bucket=ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": REGION})
        except storage.exceptions.BucketAlreadyOwnedByYou:
            return

    def verify_sender(self, address: str) -> None:
        """SES refuses unverified senders, the emulated one too."""
        mail = self.emulator.client("ses")
        mail.verify_domain_identity(Domain=address.rsplit("@", maxsplit=1)[-1])
        mail.verify_email_identity(EmailAddress=address)

    def outputs(self) -> dict[str, str]:
        """The stack's outputs; empty when there is no complete stack."""
        stack = self._describe()
        if stack.get("StackStatus") not in COMPLETE:
            return {}
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def settle(self) -> None:
        """Waits for a change that an interrupted run has left under way, and removes a stack that cannot be updated."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while (status := self._describe().get("StackStatus", "")).endswith("_IN_PROGRESS"):
            if status == "REVIEW_IN_PROGRESS" or time.monotonic() > deadline:
                break
            time.sleep(0.5)
        if status in BEYOND_UPDATE:
            self.emulator.client("cloudformation").delete_stack(StackName=STACK)

    def failure(self) -> str:
        """Which resource of the last change failed, and why; empty when the stack itself has not failed."""
        if not self._describe().get("StackStatus", "").endswith("FAILED"):
            return ""
        events = self.emulator.client("cloudformation").describe_stack_events(StackName=STACK)["StackEvents"]
        failed = [event for event in events if event["ResourceStatus"].endswith("FAILED")]
        causes = [event for event in failed if event["LogicalResourceId"] != STACK] or failed
        if not causes:
            return ""
        newest = causes[0]
        return (
            f"deploy failed at {newest['LogicalResourceId']}: {newest.get('ResourceStatusReason', 'no reason given')}"
        )

    def _describe(self) -> dict[str, Any]:
        try:
            stacks = self.emulator.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
        except (ClientError, BotoCoreError):
            return {}
        return dict(stacks[0]) if stacks else {}
