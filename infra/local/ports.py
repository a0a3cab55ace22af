"""Ports on 127.0.0.1 that stay the same over restarts as long as nobody else takes them."""

import socket
from contextlib import ExitStack

import psutil

from infra.local.errors import StackError

HOST = "127.0.0.1"
PREFERRED = {"postgres": 54320, "aws": 4566, "smtp": 2525}
TRIES = 50


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def unused(*services: str) -> dict[str, int]:
    """A port for each that nobody listens on, as the system gives them out."""
    with ExitStack() as opened:
        probes = {name: opened.enter_context(socket.socket()) for name in services}
        for probe in probes.values():
            probe.bind((HOST, 0))
        return {name: int(probe.getsockname()[1]) for name, probe in probes.items()}


def accepts(port: int, timeout: float = 0.5) -> bool:
    """Whether something listens there."""
    try:
        with socket.create_connection((HOST, port), timeout):
            return True
    except OSError:
        return False


def choose(service: str, remembered: int | None, taken: set[int]) -> int:
    """The remembered port if it is free, else the first free one from the preferred on."""
    start = PREFERRED[service]
    candidates = [remembered] if remembered else []
    candidates += [port for port in range(start, start + TRIES) if port not in taken]
    for port in candidates:
        if port not in taken and is_free(port):
            return port
    raise StackError(f"ports {start} to {start + TRIES - 1} for {service} are all taken: stop a program that uses one")


def holder(port: int) -> str:
    """Who listens on a port, for a message; empty when the system does not tell."""
    try:
        for connection in psutil.net_connections("tcp4"):
            if connection.laddr and connection.laddr.port == port and connection.status == psutil.CONN_LISTEN:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})" if connection.pid else ""
    except (psutil.Error, OSError):
        return ""
    return ""
