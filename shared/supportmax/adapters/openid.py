"""OpenID Connect over HTTP: discovery document, token endpoint, signing keys."""

import base64
import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from supportmax.adapters.public_http import Answer, PublicHTTP
from supportmax.domain.errors import PermanentFailure, TransientFailure, Unauthorized
from supportmax.domain.identity import ProviderMetadata

if TYPE_CHECKING:
    from jwt import PyJWK

REMEMBERED = 3_600.0
# A token with an unknown key id makes us look for new keys, but not more often than this.
PATIENCE = 10.0
DISCOVERY = "/.well-known/openid-configuration"
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class HTTPOpenIDProvider:
    """Remembers discovery documents and keys for an hour; a new key id is looked up when it first appears."""

    def __init__(self, http: PublicHTTP, clock: Callable[[], float] = time.monotonic) -> None:
        self._http = http
        self._clock = clock
        self._metadata: dict[str, tuple[float, ProviderMetadata]] = {}
        self._keys: dict[str, tuple[float, list[PyJWK]]] = {}

    def metadata(self, issuer: str) -> ProviderMetadata:
        known = self._metadata.get(issuer)
        if known and self._clock() - known[0] < REMEMBERED:
            return known[1]
        document = _object(self._http.get(issuer.rstrip("/") + DISCOVERY), "discovery document")
        found = self._as_metadata(document, issuer)
        self._metadata[issuer] = self._clock(), found
        return found

    def _as_metadata(self, document: dict[str, Any], issuer: str) -> ProviderMetadata:
        # OpenID Connect Discovery 1.0, section 4.3: exactly the same, or a provider could speak for another one.
        if document.get("issuer") != issuer:
            named = str(document.get("issuer"))[:200]
            raise PermanentFailure(f"The discovery document is of another issuer: {named!r}")
        urls = {name: str(document.get(name, "")) for name in _ENDPOINTS}
        for url in urls.values():
            self._http.check(url)
        return ProviderMetadata(issuer, **urls)

    def exchange(self, metadata: ProviderMetadata, form: dict[str, str], secret: str | None) -> str:
        headers = {}
        if secret is not None:  # RFC 6749, 2.3.1: both parts are form-encoded first
            pair = f"{quote(form['client_id'], safe='')}:{quote(secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        answer = self._http.post_form(metadata.token_endpoint, form, headers)
        if 400 <= answer.status < 500:
            raise Unauthorized("The identity provider refused the code: start again.")
        token = _object(answer, "token endpoint").get("id_token")
        if not isinstance(token, str):
            raise PermanentFailure("The identity provider gave no ID token: the scope openid must be allowed.")
        return token

    def signing_key(self, metadata: ProviderMetadata, key_id: str | None, algorithm: str) -> object:
        age, keys = self._keys_of(metadata.jwks_uri, REMEMBERED)
        fitting = _fitting(keys, key_id, algorithm)
        if not fitting and age > PATIENCE:
            fitting = _fitting(self._keys_of(metadata.jwks_uri, 0)[1], key_id, algorithm)
        if not fitting:
            raise Unauthorized("The identity provider's ID token is signed by an unknown key.")
        return fitting[0]

    def _keys_of(self, url: str, oldest: float) -> "tuple[float, list[PyJWK]]":
        """How old what we know is, and the keys."""
        import jwt

        known = self._keys.get(url)
        if known and (age := self._clock() - known[0]) < oldest:
            return age, known[1]
        document = _object(self._http.get(url), "key set")
        try:
            keys = jwt.PyJWKSet.from_dict(document).keys
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError, KeyError):
            raise PermanentFailure("The identity provider's key set cannot be read.") from None
        self._keys[url] = self._clock(), keys
        return 0.0, keys


def _fitting(keys: "list[PyJWK]", key_id: str | None, algorithm: str) -> "list[PyJWK]":
    """Keys for signatures with that id; a token without an id fits only where there is no choice."""
    usable = [key for key in keys if key.public_key_use in {None, "sig"} and key.algorithm_name == algorithm]
    if key_id is None:
        return usable if len(usable) == 1 else []
    return [key for key in usable if key.key_id == key_id]


def _object(answer: Answer, what: str) -> dict[str, Any]:
    if answer.status >= 500:
        raise TransientFailure(f"The identity provider's {what} answers {answer.status}.")
    try:
        found = json.loads(answer.body)
    except ValueError:
        found = None
    if answer.status != 200 or not isinstance(found, dict):
        raise PermanentFailure(f"The identity provider's {what} answers {answer.status}, and not as it should.")
    return found
