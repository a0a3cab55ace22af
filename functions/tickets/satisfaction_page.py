"""The page behind the link in the mail that asks how the help was. It needs no sign-in and no scripts.

Looking at it answers nothing: programs that read mail follow links. Only its form does.
"""

from html import escape
from urllib.parse import parse_qs
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from supportmax.domain.errors import Conflict, InvalidInput, NotFound, SupportMaxError, TooManyRequests, Unauthorized
from supportmax.domain.satisfaction import CHANGEABLE_FOR, Rating
from supportmax.runtime import rate_limits
from supportmax.runtime.container import Container
from supportmax.runtime.http import Tools
from supportmax.runtime.rate_limits import Policy
from supportmax.services.record_satisfaction import COMMENT_LIMIT, rating_of, record_answer

router = APIRouter(include_in_schema=False)
PATH = "/v1/satisfaction/{token}"
FORM_LIMIT = 20_000
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}
_STATUS = {Unauthorized: 401, NotFound: 404, InvalidInput: 422, Conflict: 409, TooManyRequests: 429}
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>How was our help?</title>
<style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem}}
label{{display:block;margin:.5rem 0}}textarea{{width:100%;box-sizing:border-box;font:inherit}}
button{{font:inherit;padding:.5rem 1.5rem}}</style></head><body><main>{main}</main></body></html>"""
_FORM = """<h1>How was our help?</h1>{said}<form method="post">
<label><input type="radio" name="score" value="good" required{good}> Good</label>
<label><input type="radio" name="score" value="bad"{bad}> Bad</label>
<label>What should we know? (you may leave it empty)
<textarea name="comment" rows="5" maxlength="{limit}">{comment}</textarea></label>
<button type="submit">Send</button></form>"""


@router.get(PATH)
async def show_form(token: str, request: Request, tools: Tools, score: str = "") -> HTMLResponse:
    try:
        workspace_id, rating_id = _let_in(token, request, tools)
        with tools.store.begin(workspace_id) as tx:
            return _page(_form(tx.satisfaction.get(rating_id), score))
    except SupportMaxError as error:
        return _sorry(error)


@router.post(PATH)
async def take_answer(token: str, request: Request, tools: Tools) -> HTMLResponse:
    try:
        workspace_id, rating_id = _let_in(token, request, tools)
        given = parse_qs((await _body(request)).decode("utf-8", "replace"), max_num_fields=10)
        with tools.store.begin(workspace_id) as tx:
            rating = record_answer(tx, rating_id, _one(given, "score"), _one(given, "comment"))
        thanks = f"<p>Thank you, we have your answer. You can change it for {CHANGEABLE_FOR.days} days.</p>"
        return _page(_form(rating, "", thanks))
    except (ValueError, SupportMaxError) as error:
        return _sorry(error)


def _let_in(token: str, request: Request, tools: Container) -> tuple[UUID, UUID]:
    """(workspace id, rating id) of the link."""
    workspace_id, rating_id = rating_of(token, tools.token_secret)
    rate_limits.count_address(request, tools, workspace_id, Policy("sign-in", tools.settings.rate_limit_sign_in))
    return workspace_id, rating_id


async def _body(request: Request) -> bytes:
    body = await request.body()
    if len(body) > FORM_LIMIT:
        raise InvalidInput(f"comment: at most {COMMENT_LIMIT:,} characters")
    return body


def _one(given: dict[str, list[str]], name: str) -> str:
    return given.get(name, [""])[0].replace("\x00", "")


def _form(rating: Rating, chosen: str, said: str = "") -> str:
    chosen = chosen or rating.score or ""
    checked = {score: " checked" if chosen == score else "" for score in ("good", "bad")}
    return _FORM.format(said=said, comment=escape(rating.comment or ""), limit=COMMENT_LIMIT, **checked)


def _page(main: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(_PAGE.format(main=main), status, _HEADERS)


def _sorry(error: Exception) -> HTMLResponse:
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 503)
    if isinstance(error, ValueError):
        status = 422
    words = {401: "This link is not valid, or has expired.", 404: "This question is not there any more.",
             503: "That did not work. Please try again in a moment."}.get(status, str(error))  # fmt: skip
    return _page(f"<h1>Sorry</h1><p>{escape(words)}</p>", status)
