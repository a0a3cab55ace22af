"""Administration: sign-in, people, health, metrics, held mail, costs of language models, the API's reference."""

from functions.admin import documentation, people, spending, status
from supportmax.runtime.http import create_app, lambda_handler

app = create_app()
app.include_router(status.router)
app.include_router(people.router)
app.include_router(spending.router)
app.include_router(documentation.router)
handler = lambda_handler(app)
