"""Every setting is explained where a newcomer looks for it, and reaches the functions that read it."""

import re

from infra.local import settings as local
from supportmax.runtime.settings import Settings
from tests.packaging.template import ROOT, load, resources


def explained() -> set[str]:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    return set(re.findall(r"SUPPORTMAX_([A-Z_]+)=", text))


def in_template() -> set[str]:
    sets = [load()["Globals"]["Function"], *resources("AWS::Serverless::Function").values()]
    variables = [properties.get("Environment", {}).get("Variables", {}) for properties in sets]
    return {name.removeprefix("SUPPORTMAX_") for names in variables for name in names}


def test_every_setting_is_explained() -> None:
    queues = ("RESPOND", "ESCALATE", "EMAIL_SEND", "INDEX", "CRM_SYNC", "WEBHOOK_SEND")
    family = {f"QUEUE_{queue}_URL" for queue in queues}

    assert {name.upper() for name in Settings.model_fields} - family <= explained()


def test_the_template_sets_only_what_functions_read() -> None:
    assert in_template() <= {name.upper() for name in Settings.model_fields}


def test_what_a_person_may_set_locally_are_settings_that_reach_the_template() -> None:
    assert set(local.OPTIONAL) <= in_template()
    assert set(local.OPTIONAL.values()) <= set(load()["Parameters"])
