"""Chat: `POST /chat`, and the sessions of widgets with their messages."""

from functions.chat import message_routes, rating_routes, routes, session_routes, stream_routes, visit_routes
from supportmax.runtime.http import create_app, lambda_handler

app = create_app()
app.include_router(routes.router)
app.include_router(session_routes.router)
app.include_router(message_routes.router)
app.include_router(visit_routes.router)
app.include_router(stream_routes.router)
app.include_router(rating_routes.router)
handler = lambda_handler(app)
