"""Thumbs up, thumbs down."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import Field, StringConstraints

from supportmax.domain.ids import parse_id
from supportmax.runtime.http import Body, Tools, WidgetKeyHeader
from supportmax.runtime.visitors import SessionId, SessionToken, look_in
from supportmax.services.answering.guard import visible_text

router = APIRouter(tags=["Chat"])


class RatingBody(Body):
    """What the customer thought of a reply."""

    helpful: bool
    comment: Annotated[str, StringConstraints(max_length=2_000)] | None = Field(default=None, description="Why.")


@router.put(
    "/v1/sessions/{session_id}/messages/{message_id}/rating",
    status_code=204,
    summary="Rate a reply",
    responses={401: {"description": "The widget key is not known."}},
)
async def rate_message(
    session_id: SessionId,
    message_id: Annotated[str, Path(description="A reply of the desk.", json_schema_extra={"format": "uuid"})],
    body: RatingBody,
    request: Request,
    tools: Tools,
    x_widget_key: WidgetKeyHeader = "",
    token: SessionToken = "",
) -> None:
    """The last rating of a reply counts. Badly rated answers become proposals for better articles."""
    comment = visible_text(body.comment) or None if body.comment else None
    workspace_id, seen = await look_in(request, tools, (session_id, token, x_widget_key))
    with tools.store.begin(workspace_id) as tx:
        tx.ratings.save(seen.chat.id, parse_id(message_id, "message"), body.helpful, comment)
