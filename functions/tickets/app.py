"""Tickets, their messages, and the notifications of whoever is signed in."""

from mangum import Mangum

from functions.tickets import routes
from supportmax.runtime.http import create_app

app = create_app()
app.include_router(routes.router)
handler = Mangum(app, lifespan="off")
