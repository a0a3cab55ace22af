"""Chat: `POST /chat`, and the messages of a session."""

from mangum import Mangum

from functions.chat import routes
from supportmax.runtime.http import create_app

app = create_app()
app.include_router(routes.router)
handler = Mangum(app, lifespan="off")
