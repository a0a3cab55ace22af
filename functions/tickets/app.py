"""Tickets, their messages and what explains them, and the notifications of whoever is signed in."""

from functions.tickets import explanation_routes, routes
from supportmax.runtime.http import create_app, lambda_handler

app = create_app()
app.include_router(routes.router)
app.include_router(explanation_routes.router)
handler = lambda_handler(app)
