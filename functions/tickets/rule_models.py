"""Bodies that macros, triggers and automations share."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from functions.tickets.detail_routes import Was
from supportmax.domain.rules.actions import MOST_ACTIONS, Action, ActionName
from supportmax.domain.rules.conditions import MOST_CONDITIONS, Operator
from supportmax.runtime.http import Body
from supportmax.services.rules.plan import Plan

Name = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True, pattern=r"^[^\r\n]+$")]


class ActionBody(Body):
    """One thing to do to a ticket."""

    action: ActionName
    value: Any = Field(
        default=None,
        description="What it is set to, added, said or who is notified: a status, an id, tags, hours of a `snooze`, a "
        "text with placeholders. `me` as the assignee is who applies a macro; `assignee` in `notify_agent` is who has "
        "the ticket. null clears type, category, assignee, group or a custom field.",
    )
    key: Annotated[str, Field(max_length=60)] | None = Field(
        default=None, description="The custom field of `set_custom_field`."
    )
    text: str | None = Field(default=None, description="What they are told: `notify_agent`, `notify_group`.")

    @classmethod
    def of(cls, action: Action) -> "ActionBody":
        return cls.model_construct(**action.document())


class ConditionBody(Body):
    """Something that must be so."""

    field: Annotated[str, Field(max_length=100)] = Field(
        description="`status`, `priority`, `type`, `category`, `channel`, `sentiment`, `tags`, `group_id`, "
        "`assignee_id`, `subject`, `body` (what the customer wrote last), `hours_since_created`, "
        "`hours_since_updated`, `hours_since_status_change`, `custom_fields.<key>`."
    )
    operator: Operator
    value: Any = Field(default=None, description="One, or for `is`, `is_not` and `includes_…` a list of which one is.")


class ConditionsBody(Body):
    """All of `all`, and one of `any` if there are some."""

    all: Annotated[list[ConditionBody], Field(max_length=MOST_CONDITIONS)] = Field(default_factory=list)
    any: Annotated[list[ConditionBody], Field(max_length=MOST_CONDITIONS)] = Field(default_factory=list)


Actions = Annotated[list[ActionBody], Field(min_length=1, max_length=MOST_ACTIONS)]


class EffectView(Body):
    """What the actions come to on a ticket."""

    changes: dict[str, Was] = Field(description="By field: what is, and what would be.")
    reply: str | None = Field(description="What the customer would read.")
    notes: list[str]
    notices: list[str] = Field(description="What colleagues would be told.")

    @classmethod
    def of(cls, plan: Plan) -> "EffectView":
        return cls(
            changes={name: Was.model_validate(change) for name, change in plan.changes().items()},
            reply=plan.reply,
            notes=list(plan.notes),
            notices=[notice.text for notice in plan.notices],
        )
