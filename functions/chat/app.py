"""Chat: `POST /chat`, and the messages of a session."""

from functions.chat import rating_routes, routes
from supportmax.runtime.http import create_app, lambda_handler

app = create_app()
app.include_router(routes.router)
app.include_router(rating_routes.router)
handler = lambda_handler(app)
