"""Tickets, their messages and what explains them, and the notifications of whoever is signed in."""

from functions.tickets import (
    chat_routes,
    detail_routes,
    explanation_routes,
    field_routes,
    file_routes,
    job_routes,
    macro_routes,
    merge_routes,
    notification_routes,
    routes,
    rule_routes,
    satisfaction_page,
    satisfaction_routes,
    view_routes,
)
from supportmax.runtime.http import create_app, lambda_handler

app = create_app()
app.include_router(job_routes.router)
app.include_router(routes.router)
app.include_router(detail_routes.router)
app.include_router(merge_routes.router)
app.include_router(chat_routes.router)
app.include_router(file_routes.router)
app.include_router(field_routes.router)
app.include_router(view_routes.router)
app.include_router(macro_routes.router)
app.include_router(rule_routes.router)
app.include_router(notification_routes.router)
app.include_router(satisfaction_routes.router)
app.include_router(satisfaction_page.router)
app.include_router(explanation_routes.router)
handler = lambda_handler(app)
