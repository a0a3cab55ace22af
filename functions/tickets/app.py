"""Tickets, their messages, and the notifications of whoever is signed in."""

from functions.tickets import routes
from supportmax.runtime.http import create_app, lambda_handler

app = create_app()
app.include_router(routes.router)
handler = lambda_handler(app)
