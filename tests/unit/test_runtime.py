"""Settings, secrets, logs and problem documents."""

import json
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from supportmax.domain import errors
from supportmax.domain.events import QUEUES
from supportmax.runtime import logs, secret_values, settings
from supportmax.runtime.http import create_app
from supportmax.runtime.settings import Settings
from supportmax.services.check_health import check_health

NONE = SecretStr("")


# Settings


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPORTMAX_MAIL_FROM", "help@bank.example")
    monkeypatch.setenv("SUPPORTMAX_MAIL_REPLY_DOMAIN", "in.bank.example")
    monkeypatch.setenv("SUPPORTMAX_QUEUE_EMAIL_SEND_URL", "https://queue")
    monkeypatch.setenv("SUPPORTMAX_LLM_MODEL", "")
    found = Settings()
    assert (found.mail_domain, found.reply_address) == ("in.bank.example", "help@in.bank.example")
    assert found.queue_urls == dict.fromkeys(QUEUES, "") | {"email-send": "https://queue"}
    assert found.llm_model == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAIL_FROM", "nobody"),
        ("EMBEDDER_THREADS", "0"),
        ("STATEMENT_TIMEOUT_MS", "soon"),
        ("LLM_DEADLINE_SECONDS", "-1"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"SUPPORTMAX_{name}", value)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_secrets_do_not_show() -> None:
    found = Settings(database_url=SecretStr("postgresql://u:s3cret@h/d"), token_secret=SecretStr("t0ken"))
    assert "s3cret" not in f"{found!r}{found}"
    assert "t0ken" not in f"{found!r}{found}"


# Secrets


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Secrets Manager, by ARN."""
    secrets: dict[str, str] = {}
    monkeypatch.setattr(secret_values, "_fetch", secrets.__getitem__)
    return secrets


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ('{"value": "v"}', "v"),
        ('{"key": "k"}', "k"),
        ("[1]", "[1]"),
        ('{"other": 1}', '{"other": 1}'),
    ],
)
def test_a_secret_is_text_or_a_field(text: str, value: str, stored: dict[str, str]) -> None:
    stored["arn"] = text
    assert secret_values.plain(NONE, "arn", "TOKEN") == value


def test_the_environment_comes_before_the_secret(stored: dict[str, str]) -> None:
    assert secret_values.plain(SecretStr("here"), "arn", "TOKEN") == "here"
    assert secret_values.database_url(SecretStr("postgresql://here"), "arn", "DATABASE_URL") == "postgresql://here"


def test_a_database_is_a_url_or_its_parts(stored: dict[str, str]) -> None:
    stored["url"] = json.dumps({"url": "postgresql://whole"})
    stored["parts"] = json.dumps({"username": "boss", "password": "p@ss/w:rd", "host": "db", "port": 5433})
    assert secret_values.database_url(NONE, "url", "DATABASE_URL") == "postgresql://whole"
    assert secret_values.database_url(NONE, "parts", "DATABASE_URL") == (
        "postgresql://boss:p%40ss%2Fw%3Ard@db:5433/postgres?sslmode=require"
    )


def test_what_is_missing_is_named() -> None:
    with pytest.raises(errors.PermanentFailure, match="SUPPORTMAX_DATABASE_URL or SUPPORTMAX_DATABASE_SECRET_ARN"):
        secret_values.database_url(NONE, "", "DATABASE_URL")


# Logs


@pytest.mark.parametrize(
    "text",
    [
        "to ann.lee+x@customer.example now",
        "card 4111 1111 1111 1111",
        "call +49-170-1234567",
        "postgresql://boss:s3cret@db/desk",
        "Authorization: Bearer abc.def.ghi",
        "widget wk_Abc-123_x",
    ],
)
def test_what_a_log_never_shows(text: str) -> None:
    shown = logs.redact(text)
    assert shown != text
    for secret in ("ann", "4111", "1234567", "s3cret", "abc.def", "wk_"):
        assert secret not in shown


@pytest.mark.parametrize(
    "text", ["018f0000-1234-7000-8000-123456789012", "took 1234567 ms", "2026-11-23T10:00:00+00:00"]
)
def test_what_a_log_needs_stays(text: str) -> None:
    assert logs.redact(text) == text


@given(st.text())
def test_redacting_breaks_on_nothing(text: str) -> None:
    assert isinstance(logs.redact(text), str)


@pytest.fixture
def fresh_threshold() -> Iterator[None]:
    caches = (logs._threshold, settings.load)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


def test_a_line_is_json_without_secrets(fresh_threshold: None, capsys: pytest.CaptureFixture[str]) -> None:
    logs.log(30, "sent", to="ann@customer.example", count=2)
    line = json.loads(capsys.readouterr().out)
    assert (line["level"], line["message"], line["to"], line["count"]) == ("WARNING", "sent", "[email]", 2)


def test_what_is_below_the_level_is_silent(
    fresh_threshold: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPPORTMAX_LOG_LEVEL", "error")
    logs.log(30, "sent")
    assert capsys.readouterr().out == ""


# Problems


@pytest.fixture
def failing() -> TestClient:
    """An app that raises what its path names."""
    app: FastAPI = create_app()

    @app.get("/{name}")
    async def fail(name: str) -> None:
        kind = getattr(errors, name, None) or {"bug": ZeroDivisionError, "key": KeyError}[name]
        raise kind("postgresql://u:s3cret@h/d" if name == "TransientFailure" else "why")

    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("name", "status", "kind", "detail"),
    [
        ("TooLarge", 413, "too-large", "why"),
        ("InvalidInput", 422, "invalid-input", "why"),
        ("NotFound", 404, "not-found", "why"),
        ("Conflict", 409, "conflict", "why"),
        ("Unauthorized", 401, "unauthorized", "why"),
        ("Forbidden", 403, "forbidden", "why"),
        ("TransientFailure", 503, "unavailable", "Please try again in a moment."),
        ("PermanentFailure", 500, "internal-error", "Something went wrong on our side; it has been logged."),
        ("bug", 500, "internal-error", "Something went wrong on our side; it has been logged."),
        ("key", 500, "internal-error", "Something went wrong on our side; it has been logged."),
    ],
)
def test_every_error_is_a_problem_document(name: str, status: int, kind: str, detail: str, failing: TestClient) -> None:
    response = failing.get(f"/{name}")
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert (document["type"], document["detail"]) == (f"urn:supportmax:problem:{kind}", detail)


def test_what_broke_is_in_the_log_only(
    failing: TestClient, fresh_threshold: None, capsys: pytest.CaptureFixture[str]
) -> None:
    failing.get("/bug")
    logged = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["error"] for line in logged if line["message"] == "unexpected error"] == ["ZeroDivisionError: why"]


# Health


def test_health_runs_every_check_and_says_what_failed() -> None:
    def broken() -> None:
        raise errors.TransientFailure("no connection")

    health = check_health({"database": broken, "queues": lambda: 3})
    assert health.ok is False
    assert health.parts == {
        "database": {"ok": False, "detail": "no connection"},
        "queues": {"ok": True, "detail": 3},
    }
    assert check_health({}).ok is True
