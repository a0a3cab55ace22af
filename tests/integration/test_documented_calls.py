"""The `curl` lines of the documentation work: every page's, in their order, against the real API."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import fakes
from tests.cloud import ROOT, Cloud
from tests.serving import serving_api

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# What they are about is somebody else's, so nothing here answers.
ELSEWHERE = ("login.example.com", "$ApiUrl")
_FENCED = re.compile(r"^```bash\n(.*?)^```", re.M | re.S)
# With the lines that it goes on with: after a backslash, or inside quotes.
_CALL = re.compile(r"^ {4,}(curl (?:\\\n|'[^']*'|\"[^\"]*\"|[^\n'\"])+)", re.M)


def _script(page: Path) -> str:
    """The fenced shell of a page, and its indented calls; what else is indented, such as other programs, is not run."""
    text = page.read_text("utf-8")
    calls = _CALL.findall(_FENCED.sub("", text))
    return "\n".join(call for call in [*_FENCED.findall(text), *calls] if not any(name in call for name in ELSEWHERE))


SCRIPTS = {page.name: script for page in PAGES if (script := _script(page))}


@pytest.fixture
def shell(cloud: Cloud, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of somebody who is signed in, at a desk with one customer."""
    account = {"email": "admin@example.com", "password": "correct horse battery staple"}
    admin, headers = cloud.http("admin"), cloud.person("admin")[1]
    admin.post("/v1/users", json={"name": "Ada", "role": "admin", **account}, headers=headers)
    token = admin.post("/v1/auth/token", json=account).json()["access_token"]
    asked = {"subject": "My card", "body": "The machine kept it.", "requester_email": "ann@customer.example"}
    cloud.http("tickets").post("/v1/tickets", json=asked, headers=headers)
    stand_in = tmp_path / "curl"
    stand_in.write_text(f'#!/bin/sh\nexec {sys.executable} {Path(fakes.__file__).parent / "curl.py"} "$@"\n')
    stand_in.chmod(0o755)
    path = f"{tmp_path}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    cloud.tools.settings = cloud.tools.settings.model_copy(update={"api_url": "https://api.desk.example"})
    with serving_api() as api:
        yield {"API": api, "TOKEN": token, "PATH": path}


def test_the_documentation_has_calls() -> None:
    assert {"api.md", "access.md", "runbook.md"} <= set(SCRIPTS)
    assert SCRIPTS["api.md"].count("curl ") > 15


@pytest.mark.parametrize("page", SCRIPTS)
def test_every_call_of_a_page_works(page: str, shell: dict[str, str]) -> None:
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", SCRIPTS[page]],
        check=False,
        env=shell,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, f"{ran.stdout[-2000:]}\n{ran.stderr[-2000:]}"
