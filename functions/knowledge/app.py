"""Knowledge articles: editing, importing, searching."""

from mangum import Mangum

from functions.knowledge import routes, triage_routes
from supportmax.runtime.http import create_app

app = create_app()
app.include_router(routes.router)
app.include_router(triage_routes.router)
handler = Mangum(app, lifespan="off")
