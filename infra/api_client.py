"""A client of the desk's API for the command line and the sample world: JSON in, JSON out, one line a failure."""

from typing import Any

import httpx

# A cold function behind the emulator starts in a second or two; a batch of examples takes longer to embed.
TIMEOUT = httpx.Timeout(60, connect=5)


class ApiError(Exception):
    """What went wrong, in one line a person can act on."""


class ApiClient:
    """Calls `base_url`; with a token as an agent, without one as a customer."""

    def __init__(self, base_url: str, token: str = "", widget_key: str = "") -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if widget_key:
            headers["X-Widget-Key"] = widget_key
        self._http = httpx.Client(base_url=base_url, headers=headers, timeout=TIMEOUT)

    @classmethod
    def sign_in(cls, base_url: str, email: str, password: str) -> "ApiClient":
        """Raises ApiError when the address or the password is wrong."""
        answer = cls(base_url).post("/v1/auth/token", {"email": email, "password": password})
        return cls(base_url, answer["access_token"])

    def get(self, path: str, **query: Any) -> Any:
        return self._call("GET", path, params={name: value for name, value in query.items() if value is not None})

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self._call("POST", path, json=body)

    def patch(self, path: str, body: dict[str, Any]) -> Any:
        return self._call("PATCH", path, json=body)

    def delete(self, path: str, **query: Any) -> Any:
        return self._call("DELETE", path, params=query)

    def _call(self, method: str, path: str, **request: Any) -> Any:
        try:
            response = self._http.request(method, path, **request)
        except httpx.HTTPError as error:
            raise ApiError(f"no answer from {self._http.base_url}: {error or type(error).__name__}") from error
        if response.is_error:
            raise ApiError(f"{method} {path}: {response.status_code}: {_reason(response)}")
        return response.json() if response.content else None


def _reason(response: httpx.Response) -> str:
    try:
        problem = response.json()
    except ValueError:
        return response.text[:300] or response.reason_phrase
    return str(problem.get("detail") or problem.get("title") or problem) if isinstance(problem, dict) else str(problem)
