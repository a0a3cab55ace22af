"""A signed-in connection to one Salesforce organisation: deadlines, signing in again, failures in our words.

Importing this loads simple-salesforce with requests and zeep (about 0.3 s): `salesforce.py` does it on first use.
"""

from collections.abc import Callable, Iterator
from time import monotonic, time
from typing import Any, cast

import jwt
import requests
import urllib3
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError, SalesforceExpiredSession
from simple_salesforce.format import format_soql

from supportmax.adapters.crm.salesforce_config import SalesforceConfig, require_https
from supportmax.adapters.crm.salesforce_errors import api_errors, failure, sign_in_failure
from supportmax.domain.errors import PermanentFailure, TransientFailure

_ASSERTION_SECONDS = 170  # Salesforce accepts at most three minutes
_PART = 65_536


class DeadlineSession(requests.Session):
    """requests' own timeout restarts with every byte; this one bounds the whole answer. Follows no redirect."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def request(self, method: str, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Raises `requests.Timeout` once the seconds are over, however slowly bytes arrive."""
        ends = monotonic() + self._seconds
        kwargs |= {"timeout": self._seconds, "allow_redirects": False, "stream": True}
        response = super().request(method, url, *args, **kwargs)
        try:
            response._content = b"".join(_arriving(response, ends))
        except urllib3.exceptions.ReadTimeoutError:
            raise requests.Timeout from None
        except urllib3.exceptions.HTTPError:
            raise requests.ConnectionError from None
        return response


def _arriving(response: requests.Response, ends: float) -> Iterator[bytes]:
    while part := response.raw.read1(_PART, decode_content=True):
        yield part
        if monotonic() > ends:
            response.close()
            raise requests.Timeout


class SalesforceConnection:
    """Sends requests as the integration user. Every failure is a `TransientFailure` or a `PermanentFailure`."""

    def __init__(self, config: SalesforceConfig) -> None:
        self._config = config
        self._session = DeadlineSession(config.timeout_seconds)
        self._client: Salesforce | None = None
        self.instance_url = ""

    def query(self, doing: str, soql: str, **values: Any) -> Iterator[dict[str, Any]]:
        """Rows of a SOQL query, page after page; `values` are quoted into its {places}."""
        page = self.call(doing, "GET", "query", params={"q": format_soql(soql, **values)})
        yield from page["records"]
        while not page["done"]:
            cursor = page["nextRecordsUrl"].rsplit("/", 1)[-1]
            page = self.call(doing, "GET", f"query/{cursor}")
            yield from page["records"]

    def call(self, doing: str, method: str, path: str, **kwargs: Any) -> Any:
        """One request below /services/data/vXX.0/; the decoded JSON, None for an answer without content.

        `doing` completes "Salesforce refused to …". A session that has ended is renewed once: Salesforce has
        not looked at the request then, so that repeating it is safe.
        """
        try:
            return self._attempt(path, method, kwargs)
        except SalesforceError as error:
            raise failure(doing, error.status, error.content) from None
        except requests.exceptions.JSONDecodeError:
            raise TransientFailure(f"Salesforce's answer was cut short ({doing}).") from None
        except requests.RequestException as error:
            raise _network_failure(doing, error) from None

    def _attempt(self, path: str, method: str, kwargs: dict[str, Any]) -> Any:
        client = self._client or self._sign_in()
        try:
            return client.restful(path, method=method, **kwargs)
        except SalesforceExpiredSession:
            return self._sign_in().restful(path, method=method, **kwargs)

    def _sign_in(self) -> Salesforce:
        granted = self._token()
        self.instance_url = require_https("Salesforce's instance_url", str(granted["instance_url"]))
        client = Salesforce(
            session_id=granted["access_token"],
            instance_url=self.instance_url,
            version=self._config.api_version,
            session=self._session,
        )
        # The library writes https:// before every host; the tests' server on this machine speaks plain http.
        client.base_url = f"{self.instance_url}/services/data/v{self._config.api_version}/"
        self._client = client
        return client

    def _token(self) -> dict[str, Any]:
        self._client = None
        form = {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": self._assertion(),
        }
        answer = self._session.post(f"{self._config.login_url}/services/oauth2/token", data=form)
        body = _decoded(answer.json)
        if answer.status_code != 200:
            raise sign_in_failure(answer.status_code, body)
        if not isinstance(body, dict) or not {"access_token", "instance_url"} <= body.keys():
            raise PermanentFailure("SALESFORCE_LOGIN_URL does not answer like Salesforce; check it.")
        return cast("dict[str, Any]", body)

    def _assertion(self) -> str:
        claims = {
            "iss": self._config.consumer_key,
            "sub": self._config.username,
            "aud": self._config.audience,
            "exp": int(time()) + _ASSERTION_SECONDS,
        }
        try:
            return jwt.encode(claims, self._config.private_key, algorithm="RS256")
        except (ValueError, TypeError, jwt.PyJWTError):
            raise PermanentFailure(
                "SALESFORCE_PRIVATE_KEY is not an RSA private key in PEM form without a passphrase."
            ) from None


def record_errors(doing: str, results: list[dict[str, Any]]) -> None:
    """Raises for the first refused record of an sObject Collections answer (which is 200 all the same)."""
    rolled_back = "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    errors = [
        error
        for result in results
        if not result["success"]
        for error in result["errors"]
        if error.get("statusCode") != rolled_back
    ]
    if api_errors(errors):
        raise failure(doing, 400, errors)


def _decoded(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except requests.exceptions.JSONDecodeError:
        return None


def _network_failure(doing: str, error: requests.RequestException) -> PermanentFailure | TransientFailure:
    """Never the exception's own text: it quotes the URL, and a query's URL holds addresses of customers."""
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.MissingSchema):
        return PermanentFailure("SALESFORCE_LOGIN_URL is not a URL; use https://login.salesforce.com.")
    if isinstance(error, requests.Timeout):
        return TransientFailure(f"Salesforce did not answer in time ({doing}).")
    return TransientFailure(f"The connection to Salesforce broke ({doing}).")
