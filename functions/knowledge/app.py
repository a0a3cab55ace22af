"""Knowledge articles: editing, importing, searching."""

from functions.knowledge import embedding_routes, improvement_routes, routes, triage_routes
from supportmax.runtime.http import create_app, lambda_handler

app = create_app()
app.include_router(routes.router)
app.include_router(triage_routes.router)
app.include_router(improvement_routes.router)
app.include_router(embedding_routes.router)
handler = lambda_handler(app)
