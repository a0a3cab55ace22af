"""What is needed to sign in to Salesforce. Loads nothing heavy: the settings build it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from supportmax.adapters.crm.salesforce_mapping import PRIORITY_VALUES, STATUS_VALUES
from supportmax.domain.crm import PRIORITIES, STATUSES
from supportmax.domain.errors import PermanentFailure

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class SalesforceConfig:
    """A connected app's consumer key, the user it acts as, and the key that signs for both.

    `private_key` is PEM; its line ends may be written as the two characters \\n, as one-line settings need.
    `timeout_seconds` bounds each request. `statuses` and `priorities` map all our words to picklist values
    of the organisation. Raises `PermanentFailure` that names the setting to change.
    """

    consumer_key: str
    username: str
    private_key: str = field(repr=False)
    login_url: str = "https://login.salesforce.com"
    api_version: str = "62.0"
    timeout_seconds: float = 10.0
    statuses: Mapping[str, str] = field(default_factory=lambda: STATUS_VALUES)
    priorities: Mapping[str, str] = field(default_factory=lambda: PRIORITY_VALUES)

    def __post_init__(self) -> None:
        for name in ("consumer_key", "username", "private_key"):
            if not getattr(self, name).strip():
                raise PermanentFailure(f"SALESFORCE_{name.upper()} is empty; set it or switch the sync off.")
        _require_words("statuses", self.statuses, STATUSES)
        _require_words("priorities", self.priorities, PRIORITIES)
        login_url = require_https("SALESFORCE_LOGIN_URL", self.login_url)
        object.__setattr__(self, "login_url", login_url)
        object.__setattr__(self, "private_key", self.private_key.replace("\\n", "\n"))

    @property
    def audience(self) -> str:
        """Whom the signed assertion is for: a My Domain address signs in at its own host, but is audience of none."""
        host = urlsplit(self.login_url).hostname or ""
        if host.endswith(".sandbox.my.salesforce.com"):
            return "https://test.salesforce.com"
        if host.endswith(".my.salesforce.com"):
            return "https://login.salesforce.com"
        return self.login_url


def require_https(name: str, url: str) -> str:
    """The URL without a slash at its end. Plain http is for this machine only: tokens travel over it."""
    parts = urlsplit(url.strip())
    if parts.scheme == "https" and parts.hostname:
        return url.strip().rstrip("/")
    if parts.scheme == "http" and parts.hostname in _LOOPBACK:
        return url.strip().rstrip("/")
    raise PermanentFailure(f"{name} must start with https://, such as https://login.salesforce.com.")


def _require_words(name: str, mapping: Mapping[str, str], words: tuple[str, ...]) -> None:
    missing = [word for word in words if not mapping.get(word)]
    if missing:
        raise PermanentFailure(f"The Salesforce {name} lack a value for: {', '.join(missing)}.")
