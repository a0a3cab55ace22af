"""The AWS emulator (MiniStack): starting it, and clients for it."""

import json
import os
import shutil
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from infra.local import paths, ports
from infra.local.processes import Daemon

STACK = "supportmax-local"
REGION = "eu-central-1"
ACCOUNT = "000000000000"
ACCESS_KEY = "test"
START_SECONDS = 60
# Loading and saving the functions and layers of a stack takes seconds; a kill before that would lose them.
STOP_SECONDS = 60
THREADS = 128


# Functions that a person waits for get one process more. All together, 12 keep the stack below 2 GB of memory.
INTERACTIVE = ("chat", "tickets", "admin")
WORKERS = 12


@dataclass(frozen=True)
class Emulator:
    """`port` is where AWS answers, `mail_port` where the emulated SES delivers."""

    port: int
    mail_port: int
    daemon: Daemon = field(default_factory=lambda: Daemon("ministack"))

    @property
    def endpoint(self) -> str:
        return f"http://{ports.HOST}:{self.port}"

    def credentials(self) -> dict[str, str]:
        """With these, in an environment without other AWS settings, AWS tools talk to the emulator and nothing else."""
        return {
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": ACCESS_KEY,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def environment(self) -> dict[str, str]:
        home = paths.EMULATOR
        return {
            **self.credentials(),
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": ports.HOST,
            "MINISTACK_HOST": ports.HOST,
            "MINISTACK_REGION": REGION,
            "MINISTACK_WORKER_THREADS": str(THREADS),
            "AUTH": "true",
            "PERSIST_STATE": "1",
            "STATE_DIR": str(home / "state"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(home / "s3"),
            "SMTP_HOST": f"{ports.HOST}:{self.mail_port}",
            "LAMBDA_EXECUTOR": "local",
            "LAMBDA_WARM_TTL_SECONDS": "120",
            "SUPPORTMAX_WORKERS": os.environ.get("SUPPORTMAX_WORKERS") or str(WORKERS),
            "SUPPORTMAX_WORKERS_OF": json.dumps({f"{STACK}-{name}": 2 for name in INTERACTIVE}),
            "SUPPORTMAX_LAYERS": str(home / "layers"),
            "TMPDIR": str(paths.TEMP),
            # Containers of a Docker that may run here are none of our business.
            "DOCKER_HOST": f"unix://{paths.TEMP}/no-docker.sock",
            "SFTP_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
            "PYTHONDONTWRITEBYTECODE": "1",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }

    def start(self) -> None:
        shutil.rmtree(paths.TEMP, ignore_errors=True)  # what workers of an earlier run have left
        paths.TEMP.mkdir(parents=True)
        self.daemon.start([paths.EMULATOR_PYTHON, "-m", "infra.local.ministack_server"], self.environment())
        self.daemon.wait_until_ready(self.is_ready, START_SECONDS)

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=2) as response:
                return bool(response.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def stop(self) -> bool:
        return self.daemon.stop(STOP_SECONDS)

    def client(self, service: str) -> Any:
        """A boto3 client; `service` as boto3 names it."""
        import boto3
        from botocore.config import Config

        os.environ.pop("AWS_PROFILE", None)  # the developer's own account is never meant here
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=ACCESS_KEY,
            config=Config(connect_timeout=5, read_timeout=60, retries={"total_max_attempts": 2}),
        )
