"""`supportmax rescue`: an administrator who cannot come in any more."""

import json

import psycopg
import pyotp

from tests.cloud import Cloud
from tests.desk import ADMIN
from tests.server import PostgresServer
from tests.unit.cli.run import run

Connection = psycopg.Connection[tuple[object, ...]]


def test_a_rescued_administrator_comes_in(
    cloud: Cloud, postgres: PostgresServer, database_name: str, owner: Connection
) -> None:
    http = cloud.http("admin")
    credentials = {"email": ADMIN.email, "password": ADMIN.password}
    tokens = http.post("/v1/auth/token", json=credentials).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    secret = http.post("/v1/auth/second-factor", headers=headers).json()["secret"]
    http.post("/v1/auth/second-factor/confirm", json={"code": pyotp.TOTP(secret).now()}, headers=headers)
    for _ in range(6):
        http.post("/v1/auth/token", json=credentials | {"password": "wrong"})
    owner.execute("UPDATE users SET deactivated_at = now(), role = 'agent' WHERE email = %s", [ADMIN.email])
    ran = run("rescue", ADMIN.email, "--json", "--database-url", postgres.runtime_url(database_name))
    password = json.loads(ran.out)["password"]
    signed_in = http.post("/v1/auth/token", json=credentials | {"password": password})
    assert signed_in.status_code == 200
    assert http.get("/v1/me", headers=headers).status_code == 401
    now = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
    assert http.get("/v1/me", headers=now).json()["role"] == "admin"
    (entry,) = http.get("/v1/audit-entries?action=user.rescued", headers=now).json()["audit_entries"]
    assert entry["actor"] == "operator"


def test_nobody_is_rescued_who_is_not_there(cloud: Cloud, postgres: PostgresServer, database_name: str) -> None:
    url = ("--database-url", postgres.runtime_url(database_name))
    assert "nobody@desk.example" in run("rescue", "nobody@desk.example", *url).err
    assert "--workspace" in run("rescue", ADMIN.email, "--workspace", "none", *url).err
