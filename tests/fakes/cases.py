"""Tickets to push, and the settings that sign in to the Salesforce stand-in."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from supportmax.adapters.crm.salesforce_config import SalesforceConfig
from supportmax.domain.crm import CaseComment, CaseSnapshot
from tests.fakes.salesforce_server import SalesforceServer

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def config(server: SalesforceServer, **changed: Any) -> SalesforceConfig:
    settings: dict[str, Any] = {
        "consumer_key": server.consumer_key,
        "username": server.username,
        "private_key": server.private_key,
        "login_url": server.url,
        "timeout_seconds": 5.0,
    }
    return SalesforceConfig(**(settings | changed))


def comment(body: str = "It kept my card", public: bool = True) -> CaseComment:
    return CaseComment(uuid4(), body, public, datetime(2026, 1, 2, 10, 33, tzinfo=UTC), "Ada Lovelace")


def ticket(*comments: CaseComment, **changed: Any) -> CaseSnapshot:
    snapshot = CaseSnapshot(
        ticket_id=uuid4(),
        subject="My card was swallowed",
        description="The machine at the station kept my card.",
        status="open",
        priority="urgent",
        category="card_swallowed",
        requester_name="Ada King Lovelace",
        requester_email="ada@customer.example",
        comments=comments,
    )
    return replace(snapshot, **changed)
