"""A second factor: codes of an authenticator app, and recovery codes."""

import time
from typing import Any

import psycopg
import pyotp
import pytest

from tests.cloud import Cloud, Response
from tests.desk import ADMIN

Connection = psycopg.Connection[tuple[object, ...]]
PROBLEM = "urn:supportmax:problem:"
URL = "/v1/auth/second-factor"


class Ada:
    """The administrator with an authenticator app."""

    def __init__(self, cloud: Cloud) -> None:
        self.http = cloud.http("admin")
        self.headers = {"Authorization": f"Bearer {self.sign_in().json()['access_token']}"}
        self.secret = ""

    def sign_in(self, **also: str) -> Response:
        body = {"email": ADMIN.email, "password": ADMIN.password} | also
        return self.http.post("/v1/auth/token", json=body)

    def post(self, path: str, **body: str) -> Response:
        return self.http.post(f"{URL}{path}", json=body or None, headers=self.headers)

    def code(self, steps: int = 0) -> str:
        """What the app shows, so many steps from now."""
        return pyotp.TOTP(self.secret).at(int(time.time()) + 30 * steps)

    def enrol(self, owner: Connection) -> list[str]:
        """The recovery codes. Time passes until the next code."""
        self.secret = self.post("").json()["secret"]
        answer = self.post("/confirm", code=self.code())
        assert answer.status_code == 200, answer.text
        self.later(owner)
        codes: list[str] = answer.json()["recovery_codes"]
        return codes

    def later(self, owner: Connection) -> None:
        """As if the last code had been used some steps ago."""
        owner.execute("UPDATE second_factors SET last_step = last_step - 5")


@pytest.fixture
def ada(cloud: Cloud) -> Ada:
    return Ada(cloud)


def _problem(response: Response, status: int, kind: str) -> None:
    assert (response.status_code, response.json()["type"]) == (status, PROBLEM + kind), response.text


def _state(ada: Ada) -> dict[str, Any]:
    found: dict[str, Any] = ada.http.get(URL, headers=ada.headers).json()
    return found


def test_the_codes_are_those_of_rfc_6238() -> None:
    """Appendix B, SHA-1, the last six of its eight digits."""
    totp = pyotp.TOTP("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    assert [totp.at(at) for at in (59, 1111111109, 1234567890, 20000000000)] == ["287082", "081804", "005924", "353130"]


def test_it_counts_once_it_is_confirmed(ada: Ada, owner: Connection) -> None:
    begun = ada.post("").json()
    assert begun["uri"].startswith("otpauth://totp/")
    assert ada.sign_in().status_code == 200  # not yet
    ada.secret = begun["secret"]
    _problem(ada.post("/confirm", code="000000"), 403, "forbidden")
    assert len(ada.post("/confirm", code=ada.code()).json()["recovery_codes"]) == 10
    assert _state(ada) == {"active": True, "recovery_codes_left": 10}
    _problem(ada.sign_in(), 401, "second-factor-needed")
    _problem(ada.sign_in(code="000000"), 401, "second-factor-needed")
    ada.later(owner)
    assert ada.sign_in(code=ada.code()).status_code == 200


def test_a_wrong_password_says_nothing_about_a_second_factor(ada: Ada, owner: Connection) -> None:
    ada.enrol(owner)
    _problem(ada.sign_in(password="wrong", code=ada.code()), 401, "unauthorized")


def test_a_code_is_good_once_and_for_a_step_more_or_less(ada: Ada, owner: Connection) -> None:
    ada.enrol(owner)
    code = ada.code()
    assert ada.sign_in(code=code).status_code == 200
    _problem(ada.sign_in(code=code), 401, "second-factor-needed")
    ada.later(owner)
    _problem(ada.sign_in(code=ada.code(steps=-4)), 401, "second-factor-needed")
    _problem(ada.sign_in(code=ada.code(steps=4)), 401, "second-factor-needed")


def test_a_recovery_code_is_good_once(ada: Ada, owner: Connection) -> None:
    codes = ada.enrol(owner)
    assert ada.sign_in(code=codes[0].upper().replace("-", "")).status_code == 200
    _problem(ada.sign_in(code=codes[0]), 401, "second-factor-needed")
    assert _state(ada)["recovery_codes_left"] == 9
    renewed = ada.post("/recovery-codes", code=ada.code()).json()["recovery_codes"]
    _problem(ada.sign_in(code=codes[1]), 401, "second-factor-needed")
    assert ada.sign_in(code=renewed[1]).status_code == 200


def test_guessing_codes_is_slowed_down_with_the_right_password(ada: Ada, owner: Connection) -> None:
    ada.enrol(owner)
    guesses = [ada.sign_in(code=f"{number:06}").status_code for number in range(6)]
    assert guesses == [401] * 5 + [429]


def test_asking_for_the_code_is_no_wrong_try(ada: Ada, owner: Connection) -> None:
    ada.enrol(owner)
    assert {ada.sign_in().status_code for _ in range(8)} == {401}
    assert ada.sign_in(code=ada.code()).status_code == 200


def test_guessing_codes_on_an_unwatched_screen_is_slowed_down(ada: Ada, owner: Connection) -> None:
    ada.enrol(owner)
    guesses = [ada.post("/remove", code=f"{number:06}").status_code for number in range(11)]
    assert guesses == [403] * 9 + [429] * 2  # confirming was the first
    assert _state(ada)["active"] is True


def test_it_is_removed_with_a_code(ada: Ada, owner: Connection) -> None:
    ada.enrol(owner)
    _problem(ada.post(""), 409, "conflict")
    assert ada.post("/remove", code=ada.code()).status_code == 204
    assert _state(ada) == {"active": False, "recovery_codes_left": 0}
    assert ada.sign_in().status_code == 200
    _problem(ada.post("/remove", code="000000"), 404, "not-found")


def test_an_administrator_helps_whoever_lost_phone_and_codes(cloud: Cloud, ada: Ada, owner: Connection) -> None:
    ada.enrol(owner)
    other = cloud.person("admin")[1]
    me = ada.http.get("/v1/me", headers=ada.headers).json()
    assert me["has_second_factor"] is True
    url = f"/v1/users/{me['id']}/second-factor"
    assert ada.http.delete(url, headers=other).status_code == 204
    assert ada.http.get("/v1/me", headers=ada.headers).status_code == 401  # sessions ended
    assert ada.sign_in().status_code == 200
    _problem(ada.http.delete(url, headers=other), 404, "not-found")


def test_secrets_are_encrypted_and_recovery_codes_hashed(ada: Ada, owner: Connection) -> None:
    codes = ada.enrol(owner)
    stored = str(
        owner.execute("SELECT secret FROM second_factors UNION ALL SELECT code_hash FROM recovery_codes").fetchall()
    )
    assert ada.secret not in stored
    assert not [code for code in codes if code in stored or code.replace("-", "") in stored]


def test_a_secret_that_was_copied_to_somebody_else_does_not_open(cloud: Cloud, ada: Ada, owner: Connection) -> None:
    ada.enrol(owner)
    mallory, _ = cloud.person("agent")
    box = cloud.tools.secret_box
    (sealed,) = owner.execute("SELECT secret FROM second_factors").fetchone() or (b"",)
    assert isinstance(sealed, bytes)
    with pytest.raises(Exception, match="does not open"):
        box.open(sealed, mallory.id)
