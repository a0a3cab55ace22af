"""The one-machine stack as a whole: up, down, status. Each step does nothing when it finds its work done."""

import fcntl
import hashlib
import importlib
import importlib.util
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import psycopg

from infra.api_client import ApiError
from infra.local import deploy, machine, paths, ports, settings
from infra.local.deploy import Deployment
from infra.local.emulator import STACK, Emulator
from infra.local.errors import StackError
from infra.local.postgres import RUNTIME_ROLE, Postgres
from infra.local.processes import Daemon
from infra.local.state import State

HEALTH_SECONDS = 90
SAMPLE_WORLD = "infra.sample_world"
WORKSPACE = "default"


class Step(Protocol):
    """What a running step may tell: one short remark that replaces the one before."""

    def say(self, remark: str) -> None: ...


Announce = Callable[[str], AbstractContextManager[Step]]


@dataclass(frozen=True)
class Status:
    """What runs and where. URLs are empty until the stack was deployed once."""

    running: bool
    api_url: str
    docs_url: str
    openapi_url: str
    widget_key: str
    agent: dict[str, str]
    database_url: str
    migration_database_url: str
    aws_endpoint_url: str
    mailbox_dir: str
    inbound_bucket: str
    attachment_bucket: str
    queues: dict[str, str]
    ports: dict[str, int]
    pids: dict[str, int]
    version: str
    problems: list[str] = field(default_factory=list)


class Stack:
    """One stack in one folder (`paths.HOME`)."""

    def __init__(self) -> None:
        self.state = State.load()
        self.mailbox = Daemon("mailbox")

    @property
    def database(self) -> Postgres:
        return Postgres(self.state.ports.get("postgres", 0), self.state.owner_password)

    @property
    def emulator(self) -> Emulator:
        return Emulator(self.state.ports.get("aws", 0), self.state.ports.get("smtp", 0))

    def up(self, announce: Announce) -> Status:
        """Brings everything up to date and returns when it serves. Interrupted anywhere, it can be run again."""
        machine.require()
        steps: tuple[tuple[str, Callable[[Step], None]], ...] = (
            ("database", self._start_database),
            ("mailbox", self._start_mailbox),
            ("AWS emulator", self._start_emulator),
            ("build", self._build),
            ("deploy", self._deploy),
            ("health", self._await_health),
            ("sample world", self._load_sample_world),
        )
        with only_one():
            self.state.save()
            for name, work in steps:
                with announce(name) as step:
                    work(step)
        return self.status()

    def down(self) -> list[str]:
        """Stops what runs; the names of what was stopped. Data stays."""
        with only_one():
            return [name for name, stop in self._stops() if stop()]

    def _stops(self) -> tuple[tuple[str, Callable[[], bool]], ...]:
        return (("AWS emulator", self.emulator.stop), ("mailbox", self.mailbox.stop), ("database", self.database.stop))

    # -- steps ---------------------------------------------------------------------------------------------------

    def _start_database(self, step: Step) -> None:
        running = self.database.running_port()
        if running:
            self.state.ports["postgres"] = running
            step.say("already running")
            return
        self._choose_port("postgres", step)
        self.database.start()

    def _start_mailbox(self, step: Step) -> None:
        if self.mailbox.process() and ports.accepts(self.state.ports.get("smtp", 0)):
            step.say("already running")
            return
        self.mailbox.stop()
        self._choose_port("smtp", step)
        port = self.state.ports["smtp"]
        command = [paths.PROJECT_BIN / "python", "-m", "infra.local.mailbox", str(port), paths.MAILBOX]
        self.mailbox.start(command, {})
        self.mailbox.wait_until_ready(lambda: ports.accepts(port), 20)

    def _start_emulator(self, step: Step) -> None:
        daemon = self.emulator.daemon
        if daemon.process():
            if self.emulator.is_ready():
                step.say("already running")
                return
            step.say("was running without an answer, starting it again")
            self.emulator.stop()
        self._choose_port("aws", step)
        self.emulator.start()

    def _choose_port(self, service: str, step: Step) -> None:
        """Keeps the port of the last run; another one when somebody else has taken it meanwhile."""
        before = self.state.ports.get(service)
        others = {port for name, port in self.state.ports.items() if name != service}
        port = ports.choose(service, before, others)
        if before and port != before:
            step.say(f"port {before} is taken by {ports.holder(before) or 'another program'}, using {port}")
        self.state.ports[service] = port
        self.state.save()

    def _build(self, step: Step) -> None:
        wanted = deploy.fingerprint()
        if wanted == self.state.built and (paths.BUILT / "template.yaml").exists():
            step.say("unchanged")
            return
        self.state.built = ""
        self.state.save()
        deploy.build()
        self.state.built = wanted
        self.state.save()

    def _deploy(self, step: Step) -> None:
        """The stack itself says which release it is: the emulator may have lost what a state file would remember."""
        parameters = settings.parameters(self.state, self.database)
        wanted = hashlib.sha256(json.dumps([self.state.built, parameters]).encode()).hexdigest()[:16]
        deployment = Deployment(self.emulator)
        outputs = deployment.outputs()
        if outputs.get("Release") == wanted:
            step.say("unchanged")
        else:
            deployment.deploy({**parameters, "Release": wanted})
            deployment.verify_sender(parameters["MailFrom"])
            outputs = deployment.outputs()
        self._remember(outputs, parameters)

    def _remember(self, outputs: dict[str, str], parameters: dict[str, str]) -> None:
        if not outputs:
            raise StackError(f"the deployed stack gives no outputs (log: {paths.LOGS / 'sam-deploy.log'})")
        self.state.outputs = outputs
        self.state.admin_email = parameters["AdminEmail"]
        self.state.admin_password = parameters["AdminPassword"]
        self.state.widget_key = read_widget_key(self.database.owner_url)
        self.state.save()

    def _await_health(self, step: Step) -> None:
        """The stack's word counts for nothing until the API answers: an emulator can report success falsely."""
        answer = fetch(f"{self.api_url}/health", HEALTH_SECONDS)
        if answer.status != 200:
            raise StackError(f"GET {self.api_url}/health says {answer.status}: {answer.text[:300]}")

    def _load_sample_world(self, step: Step) -> None:
        if self.state.sample_loaded:
            step.say("already loaded")
            return
        if importlib.util.find_spec(SAMPLE_WORLD) is None:
            step.say("none in this checkout")
            return
        try:
            importlib.import_module(SAMPLE_WORLD).load(self.status(), step.say)
        except ApiError as error:
            raise StackError(f"the sample world could not be loaded: {error}") from error
        self.state.sample_loaded = True
        self.state.save()

    # -- status --------------------------------------------------------------------------------------------------

    @property
    def api_url(self) -> str:
        outputs = self.state.outputs
        if not outputs:
            return ""
        return f"{self.emulator.endpoint}/restapis/{outputs['RestApiId']}/{outputs['StageName']}/_user_request_"

    def status(self) -> Status:
        pids = self._pids()
        problems = [f"{name} is not running" for name in ("postgres", "ministack", "mailbox") if name not in pids]
        if not problems and not self.state.outputs:
            problems.append("nothing is deployed")
        api, outputs = self.api_url, self.state.outputs
        return Status(
            running=not problems,
            api_url=api,
            docs_url=f"{api}/docs" if api else "",
            openapi_url=f"{api}/openapi.json" if api else "",
            widget_key=self.state.widget_key,
            agent={"email": self.state.admin_email, "password": self.state.admin_password},
            database_url=self.database.url(RUNTIME_ROLE, self.state.runtime_password),
            migration_database_url=self.database.owner_url,
            aws_endpoint_url=self.emulator.endpoint,
            mailbox_dir=str(paths.MAILBOX),
            inbound_bucket=outputs.get("InboundBucket", ""),
            attachment_bucket=outputs.get("AttachmentBucket", ""),
            queues=queues(outputs),
            ports=dict(self.state.ports),
            pids=pids,
            version=machine.release(),
            problems=problems,
        )

    def _pids(self) -> dict[str, int]:
        database = self.database.pid()
        pids = {"postgres": database} if database else {}
        for daemon in (self.emulator.daemon, self.mailbox):
            process = daemon.process()
            if process:
                pids[daemon.name] = process.pid
        return pids


def queues(outputs: dict[str, str]) -> dict[str, str]:
    """Queue name to URL, e.g. "email-send" and "email-send-dlq"."""
    found = {}
    for key, url in outputs.items():
        if key.endswith("QueueUrl"):
            found[url.rsplit("/", 1)[-1].removeprefix(f"{STACK}-")] = url
    return found


def read_widget_key(owner_url: str) -> str:
    """The key with which a web page names the workspace; the migrate function has made it."""
    with psycopg.connect(owner_url) as connection:
        if connection.execute("SELECT to_regclass('workspaces')").fetchone() == (None,):
            return ""
        row = connection.execute("SELECT widget_key FROM workspaces WHERE slug = %s", [WORKSPACE]).fetchone()
    return str(row[0]) if row else ""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; status 0 means that there was none, and `text` says why."""

    status: int
    text: str


def fetch(url: str, seconds: float) -> Answer:
    try:
        with urllib.request.urlopen(url, timeout=seconds) as response:
            return Answer(response.status, response.read().decode(errors="replace"))
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.read().decode(errors="replace"))
    except OSError as error:
        return Answer(0, str(error))


@contextmanager
def only_one() -> Iterator[None]:
    """Two runs at once would build and deploy over each other."""
    paths.HOME.mkdir(parents=True, exist_ok=True)
    with (paths.HOME / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StackError("another `supportmax dev` command is at work on this stack: wait for it to end") from error
        yield


def as_json(status: Status) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(status)
