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
    """Header names are in lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str]


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

    def post(self, url: str, headers: Mapping[str, str], content: bytes, first_bytes: int) -> Answer:
        """Like get; of the answer's body no more is read than that."""
        return self._send("POST", url, headers, content, first_bytes)

    def check(self, url: str) -> str:
        """The URL's host. Raises PermanentFailure unless the URL may be called."""
        if not (url.isascii() and url.isprintable()):
            raise PermanentFailure(f"{url[:200]!r} must be in ASCII: the host as xn--…, the rest as %C3%A4")
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            raise PermanentFailure(f"{url[:200]!r} is not a URL") from None
        schemes = {"https", "http"} if self._allow_private else {"https"}
        if parts.scheme not in schemes or not host or parts.username or parts.password:
            raise PermanentFailure(f"{url[:200]!r} must be an https:// URL without a user")
        if not self._allow_private and _is_private_literal(host):
            raise PermanentFailure(f"{host} is not a public address")
        return host

    def _send(
        self, method: str, url: str, given: Mapping[str, str], content: bytes, first_bytes: int | None = None
    ) -> Answer:
        import httpcore2

        host = self.check(url)
        limits = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), self._seconds)}
        common = {"Host": urlsplit(url).netloc, "Accept": "application/json", "User-Agent": "SupportMax"}
        headers = [(name.encode(), value.encode()) for name, value in {**common, **given}.items()]
        try:
            with self._pool.stream(method, url, headers=headers, content=content, extensions=limits) as response:
                body = _read(response.iter_stream(), host, first_bytes)
                found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
                return Answer(response.status, body, found)
        except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
            raise TransientFailure(f"{host} did not answer: {type(error).__name__}") from None

    @cached_property
    def _pool(self) -> "httpcore2.ConnectionPool":
        import httpcore2

        # Connections are not kept: what was checked a while ago need not hold any more.
        backend = _checked(self._allow_private, self._seconds)
        return httpcore2.ConnectionPool(max_keepalive_connections=0, network_backend=backend)


def _read(parts: Iterable[bytes], host: str, first_bytes: int | None) -> bytes:
    body = bytearray()
    for part in parts:
        body += part
        if first_bytes is not None and len(body) >= first_bytes:
            return bytes(body[:first_bytes])
        if len(body) > MAX_BYTES:
            raise PermanentFailure(f"{host} answers with more than {MAX_BYTES:,} bytes")
    return bytes(body)


def _checked(allow_private: bool, seconds: float) -> Any:
    import httpcore2

    class Hurried(httpcore2.NetworkStream):
        """A timeout begins anew with every byte; `ends` does not. So nobody keeps us by answering slowly."""

        def __init__(self, stream: httpcore2.NetworkStream, ends: float) -> None:
            self._stream, self._ends = stream, ends

        def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
            return self._stream.read(max_bytes, self._left())

        def write(self, buffer: bytes, timeout: float | None = None) -> None:
            self._stream.write(buffer, self._left())

        def start_tls(self, *args: Any, **kwargs: Any) -> httpcore2.NetworkStream:
            return Hurried(self._stream.start_tls(*args, **kwargs | {"timeout": self._left()}), self._ends)

        def close(self) -> None:
            self._stream.close()

        def get_extra_info(self, info: str) -> Any:
            return self._stream.get_extra_info(info)

        def _left(self) -> float:
            if (left := self._ends - time.monotonic()) <= 0:
                raise httpcore2.ReadTimeout("no time left")
            return left

    class CheckedBackend(httpcore2.SyncBackend):
        """Connects to the address that was checked, not to the name. A connection is for one request."""

        def connect_tcp(self, host: str, port: int, *args: Any, **kwargs: Any) -> Any:
            ends = time.monotonic() + seconds
            return Hurried(super().connect_tcp(_address(host, port, allow_private), port, *args, **kwargs), ends)

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


def _is_private_literal(host: str) -> bool:
    """Names are looked up when they are called; an address says at once that it may not be."""
    try:
        return not is_public(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


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
