"""What schemathesis has to know of this API: who calls, what would lock the caller out, what a refusal may say."""

import json
import os
import re
from typing import Any
from uuid import uuid4

import httpx
import schemathesis
from schemathesis import AuthContext, Case, CheckContext, GenerationMode, HookContext, Response

from supportmax.domain.visible_text import visible
from tests.e2e.stack import supportmax

KEY, GOOD_KEY = "Idempotency-Key", re.compile(r"[\x21-\x7e]{1,255}")
API, EMAIL = os.environ["FUZZ_API_URL"], os.environ["FUZZ_EMAIL"]


class _Caller:
    """The administrator. Some calls end the session or lock the account; the next call is rescued from that."""

    def __init__(self) -> None:
        self.id, self.token = "", ""
        self.doubtful = True

    def bearer(self) -> str:
        if self.doubtful and not (self.token and self._me().is_success):
            account = json.loads(supportmax(dict(os.environ), "rescue", EMAIL, "--json"))
            self.token = httpx.post(f"{API}/v1/auth/token", json=account).raise_for_status().json()["access_token"]
            self.id = self._me().raise_for_status().json()["id"]
        self.doubtful = False
        return f"Bearer {self.token}"

    def _me(self) -> httpx.Response:
        return httpx.get(f"{API}/v1/me", headers={"Authorization": f"Bearer {self.token}"})


CALLER = _Caller()


@schemathesis.auth(refresh_interval=None)
class SignedIn:
    """`Authorization` of every call."""

    def get(self, case: Case[Any], context: AuthContext) -> str:
        return CALLER.bearer()

    def set(self, case: Case[Any], data: str, context: AuthContext) -> None:
        case.headers["Authorization"] = data


class _Visitor:
    """Somebody with a chat. When it has ended, they begin another one."""

    def __init__(self) -> None:
        self.token, self.session_id = "", ""

    def begin(self) -> None:
        """With the workspace's key of now: calls change it."""
        workspace = (
            httpx.get(f"{API}/v1/workspace", headers={"Authorization": CALLER.bearer()}).raise_for_status().json()
        )
        answer = httpx.post(f"{API}/v1/sessions", json={}, headers={"X-Widget-Key": workspace["widget_key"]})
        begun = answer.raise_for_status().json()
        self.token, self.session_id = begun["token"], begun["session"]["id"]


VISITOR = _Visitor()


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """A valid call about a chat is about the visitor's own; none is the repetition of another one by its key."""
    if GOOD_KEY.fullmatch(str(case.headers.get(KEY, ""))):
        case.headers[KEY] = f"generated-{uuid4()}"
    if _mode(case) == GenerationMode.POSITIVE and "session_id" in (case.path_parameters or {}):
        if not VISITOR.token:
            VISITOR.begin()
        case.path_parameters["session_id"] = VISITOR.session_id
        case.headers["X-Session-Token"] = VISITOR.token


@schemathesis.hook
def after_call(context: HookContext, case: Case[Any], response: Response) -> None:
    """A 401, or whatever has to do with signing in, puts the token into doubt; a chat that has ended is let go."""
    if response.status_code in {401, 409} and "{session_id}" in case.path:
        VISITOR.token = ""
    if response.status_code == 401 or case.path.startswith("/v1/auth/"):
        CALLER.doubtful = True


@schemathesis.hook
def filter_path_parameters(context: HookContext, path_parameters: dict[str, Any] | None) -> bool:
    """The caller stays the administrator: its own account is left alone."""
    return CALLER.id not in (path_parameters or {}).values()


def _mode(case: Case[Any]) -> GenerationMode | None:
    return case.meta.generation.mode if case.meta else None


def _as_seen(value: Any) -> Any:
    """What is left when the desk has trimmed a text and taken out what nobody can see."""
    if isinstance(value, dict):
        return {key: _as_seen(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_seen(item) for item in value]
    return visible(value).strip() if isinstance(value, str) else value


@schemathesis.hook
def filter_case(context: HookContext, case: Case[Any]) -> bool:
    """No wrong body that trimming would put right, such as a text that is too long by what nobody can see in it."""
    return _mode(case) != GenerationMode.NEGATIVE or _as_seen(case.body) == case.body


@schemathesis.check
def the_schema_says_all_that_the_model_does(ctx: CheckContext, response: Response, case: Case[Any]) -> bool | None:
    """What the document allows is never refused field by field (`errors`); what a rule of the desk refuses may be."""
    valid = _mode(case) == GenerationMode.POSITIVE and _as_seen(case.body) == case.body
    assert not (valid and response.status_code == 422 and "errors" in response.json()), response.text
    return None
