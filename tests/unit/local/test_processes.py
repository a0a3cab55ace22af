"""Background processes: only what was started is ever stopped."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from infra.local import paths
from infra.local.errors import StackError
from infra.local.processes import Daemon, own_environment

SLEEPER = [sys.executable, "-c", "import time; print('here', flush=True); time.sleep(60)"]


@pytest.fixture
def daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    monkeypatch.setattr(paths, "PIDS", tmp_path / "pids")
    monkeypatch.setattr(paths, "LOGS", tmp_path / "logs")
    sleeper = Daemon("sleeper")
    yield sleeper
    sleeper.stop(1)


def reap(pid: int) -> None:
    """A stopped child of this test process stays a zombie until somebody asks for its result."""
    os.waitpid(pid, 0)


def test_started_process_is_found_and_stopped(daemon: Daemon) -> None:
    daemon.start(SLEEPER, {})
    daemon.wait_until_ready(lambda: "here" in daemon.log.read_text(), 10)
    process = daemon.process()
    assert process is not None

    assert daemon.stop(10)
    assert daemon.process() is None
    assert not daemon.stop(10)


def test_another_process_with_the_same_pid_is_left_alone(daemon: Daemon) -> None:
    stranger = subprocess.Popen(SLEEPER, stdout=subprocess.DEVNULL)
    daemon.pid_file.parent.mkdir(parents=True)
    daemon.pid_file.write_text(json.dumps({"pid": stranger.pid, "started": 1.0}))

    assert daemon.process() is None
    assert not daemon.stop(1)
    assert stranger.poll() is None

    stranger.kill()
    stranger.wait()


def test_pid_file_of_a_process_that_is_gone_means_not_running(daemon: Daemon) -> None:
    daemon.start([sys.executable, "-c", "pass"], {})
    pid = json.loads(daemon.pid_file.read_text())["pid"]
    reap(pid)

    assert not psutil.pid_exists(pid)
    assert daemon.process() is None


def test_a_process_that_ends_at_once_is_reported_with_its_last_words(daemon: Daemon) -> None:
    daemon.start([sys.executable, "-c", "raise SystemExit('no such key')"], {})

    with pytest.raises(StackError, match=r"sleeper ended at once: no such key \(log: "):
        daemon.wait_until_ready(lambda: False, 10)


def test_a_process_that_never_answers_is_reported(daemon: Daemon) -> None:
    daemon.start(SLEEPER, {})

    with pytest.raises(StackError, match="did not answer within 0 s"):
        daemon.wait_until_ready(lambda: False, 0)


def test_settings_of_a_real_account_never_reach_the_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("SUPPORTMAX_DATABASE_URL", "postgresql://production")
    monkeypatch.setenv("HOME", "/home/me")

    environment = own_environment()

    assert environment["HOME"] == "/home/me"
    assert not [name for name in environment if name.startswith(("AWS_", "SUPPORTMAX_"))]
