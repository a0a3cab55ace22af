"""Knowledge articles: editing, importing, searching; and what is found in them for agents."""

from functions.knowledge import copilot_routes, embedding_routes, improvement_routes, routes, triage_routes
from supportmax.runtime.http import create_app, lambda_handler

app = create_app()
app.include_router(routes.router)
app.include_router(triage_routes.router)
app.include_router(improvement_routes.router)
app.include_router(embedding_routes.router)
app.include_router(copilot_routes.router)
handler = lambda_handler(app)
