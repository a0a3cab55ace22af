"""The four HTTP functions as one app: `uvicorn infra.container.app:app`."""

from fastapi.routing import APIRoute

from functions.admin.app import app as admin
from functions.chat.app import app as chat
from functions.knowledge.app import app as knowledge
from functions.tickets.app import app as tickets
from supportmax.runtime.http import create_app


def operation_id(route: APIRoute) -> str:
    """In the OpenAPI document an endpoint is called what its function is called, wherever its path moves."""
    return route.name


app = create_app()
for part in (chat, tickets, knowledge, admin):
    app.include_router(part.router, generate_unique_id_function=operation_id)
