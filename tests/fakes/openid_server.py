"""An OpenID Connect provider on a free port of this machine, which misbehaves when told to."""

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from tests.fakes.http_server import serving

CLIENT, SECRET = "desk", "the client's secret: with a colon & more"


@dataclass
class OpenIDServer:
    """`claims` changes what the next ID tokens say (None leaves a claim out); `people` are who signs in."""

    url: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    person: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    key_id: str = "first"
    published: list[str] = field(default_factory=lambda: ["first"])
    key_fetches: int = 0
    status: int = 200
    flood: bool = False
    redirect_to: str = ""
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _private: dict[str, rsa.RSAPrivateKey] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def running(cls) -> "Iterator[OpenIDServer]":
        server = cls()
        with serving(_handler(server)) as server.url:
            yield server

    def rotate(self, key_id: str, publish: bool = True) -> None:
        """Sign by another key from now on."""
        self.key_id = key_id
        if publish:
            self.published = [key_id]

    def authorise(self, url: str) -> dict[str, str]:
        """The person agrees: what the browser brings back to the redirect_uri, as `state` and `code`."""
        query = dict(parse_qsl(urlsplit(url).query))
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        code = f"code-{len(self._codes)}"
        self._codes[code] = query
        return {"state": query["state"], "code": code}

    # What the other side asks

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize?tenant=1",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
        } | self.document

    def keys(self) -> dict[str, Any]:
        self.key_fetches += 1
        keys = [RSAAlgorithm.to_jwk(self._key(name).public_key(), as_dict=True) for name in self.published]
        return {
            "keys": [
                key | {"kid": name, "use": "sig", "alg": "RS256"}
                for key, name in zip(keys, self.published, strict=True)
            ]
        }

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        asked = self._codes.pop(form.get("code", ""), None)  # a code is good once
        if asked is None or not self._is_client(authorization):
            return 400, {"error": "invalid_grant"}
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode()
        if challenge.rstrip("=") != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self._id_token(asked)}

    def _is_client(self, authorization: str) -> bool:
        from urllib.parse import unquote

        kind, _, encoded = authorization.partition(" ")
        user, _, secret = base64.b64decode(encoded).decode().partition(":")
        return (kind, unquote(user), unquote(secret)) == ("Basic", CLIENT, SECRET)

    def _id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims |= self.person | self.claims
        given = {name: value for name, value in claims.items() if value is not None}
        headers = {"kid": self.key_id}
        if self.algorithm == "none":
            return jwt.encode(given, "", algorithm="none", headers=headers)
        if self.algorithm == "HS256":
            return jwt.encode(given, SECRET, algorithm="HS256", headers=headers)
        return jwt.encode(given, self._key(self.key_id), algorithm=self.algorithm, headers=headers)

    def _key(self, name: str) -> rsa.RSAPrivateKey:
        if name not in self._private:
            self._private[name] = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return self._private[name]


def _handler(server: OpenIDServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            pass

        def do_GET(self) -> None:
            if server.redirect_to:
                self.send_response(302)
                self.send_header("Location", server.redirect_to)
                self.end_headers()
                return
            found = {"/.well-known/openid-configuration": server.discovery, "/keys": server.keys}.get(self.path)
            self._answer(server.status if found else 404, found() if found else {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._answer(*server.token(form, self.headers.get("Authorization", "")))

        def _answer(self, status: int, document: dict[str, Any]) -> None:
            body = b"x" * 2_000_000 if server.flood else json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
            except ConnectionError:
                self.close_connection = True

    return Handler
