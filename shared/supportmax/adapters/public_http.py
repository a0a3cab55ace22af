"""HTTP to addresses that somebody typed in: never into our own network, never for long, never much.

A name is looked up once and the connection goes to the very address that was checked, so that a name which answers
differently a moment later gains nothing. Redirects are not followed.
"""

import ipaddress
import socket
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from supportmax.domain.errors import PermanentFailure, TransientFailure

if TYPE_CHECKING:
    import httpcore2

SECONDS = 5.0
MAX_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


class PublicHTTP:
    """`allow_private` is for one machine and for tests: plain http and addresses of this network are fine then."""

    def __init__(self, allow_private: bool = False, seconds: float = SECONDS) -> None:
        self._allow_private = allow_private
        self._seconds = seconds

    def get(self, url: str) -> Answer:
        """Raises PermanentFailure for an address that may not be called, TransientFailure for one that fails."""
        return self._send("GET", url, {}, b"")

    def post_form(self, url: str, form: dict[str, str], headers: dict[str, str]) -> Answer:
        """Like get."""
        headers = headers | {"Content-Type": "application/x-www-form-urlencoded"}
        return self._send("POST", url, headers, urlencode(form).encode())

    def check(self, url: str) -> str:
        """The URL's host. Raises PermanentFailure unless the URL may be called."""
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            raise PermanentFailure(f"{url[:200]!r} is not a URL") from None
        schemes = {"https", "http"} if self._allow_private else {"https"}
        if parts.scheme not in schemes or not host or parts.username or parts.password:
            raise PermanentFailure(f"{url[:200]!r} must be an https:// URL without a user")
        return host

    def _send(self, method: str, url: str, given: Mapping[str, str], content: bytes) -> Answer:
        import httpcore2

        host = self.check(url)
        ends = time.monotonic() + self._seconds
        limits = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), self._seconds)}
        common = {"Host": urlsplit(url).netloc, "Accept": "application/json", "User-Agent": "SupportMax"}
        headers = [(name.encode(), value.encode()) for name, value in {**common, **given}.items()]
        try:
            with self._pool.stream(method, url, headers=headers, content=content, extensions=limits) as response:
                return Answer(response.status, _read(response.iter_stream(), ends, host))
        except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
            raise TransientFailure(f"{host} did not answer: {type(error).__name__}") from None

    @cached_property
    def _pool(self) -> "httpcore2.ConnectionPool":
        import httpcore2

        # Connections are not kept: what was checked a while ago need not hold any more.
        return httpcore2.ConnectionPool(max_keepalive_connections=0, network_backend=_checked(self._allow_private))


def _read(parts: Iterable[bytes], ends: float, host: str) -> bytes:
    """A read timeout begins anew with every byte; this one does not."""
    body = bytearray()
    for part in parts:
        body += part
        if len(body) > MAX_BYTES:
            raise PermanentFailure(f"{host} answers with more than {MAX_BYTES:,} bytes")
        if time.monotonic() > ends:
            raise TransientFailure(f"{host} did not answer in time")
    return bytes(body)


def _checked(allow_private: bool) -> Any:
    import httpcore2

    class CheckedBackend(httpcore2.SyncBackend):
        """Connects to the address that was checked, not to the name."""

        def connect_tcp(self, host: str, port: int, *args: Any, **kwargs: Any) -> Any:
            return super().connect_tcp(_address(host, port, allow_private), port, *args, **kwargs)

    return CheckedBackend()


def _address(host: str, port: int, allow_private: bool) -> str:
    try:
        found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        raise TransientFailure(f"{host} cannot be found") from None
    # One private address among public ones is a trick.
    if not allow_private and not all(is_public(address) for address in found):
        raise PermanentFailure(f"{host} is not a public address")
    return found[0]


def is_public(address: str) -> bool:
    """Whether anybody on the Internet could reach it: not this machine, not this network, not a cloud's metadata."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour
        # 64:ff9b::/96 is a gateway to IPv4; what lies behind it is in the last four bytes.
        if parsed in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(parsed.packed[-4:])
        if inner:
            return is_public(str(inner))
    return parsed.is_global and not parsed.is_multicast
