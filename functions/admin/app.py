"""Administration: signing in, people and access, service levels, health, metrics, held mail, costs, the reference."""

from functions.admin import (
    assignment_routes,
    business_hours_routes,
    chat_settings_routes,
    documentation,
    identity_routes,
    key_routes,
    metric_routes,
    people,
    privacy_routes,
    second_factor_routes,
    sign_in_routes,
    sla_policy_routes,
    spending,
    status,
    visitor_key_routes,
    webhook_routes,
    widget_routes,
    workspace_routes,
)
from supportmax.runtime.http import create_app, lambda_handler

app = create_app()
app.include_router(status.router)
app.include_router(metric_routes.router)
app.include_router(sign_in_routes.router)
app.include_router(second_factor_routes.router)
app.include_router(identity_routes.router)
app.include_router(people.router)
app.include_router(assignment_routes.router)
app.include_router(key_routes.router)
app.include_router(workspace_routes.router)
app.include_router(webhook_routes.router)
app.include_router(business_hours_routes.router)
app.include_router(sla_policy_routes.router)
app.include_router(privacy_routes.router)
app.include_router(widget_routes.router)
app.include_router(chat_settings_routes.router)
app.include_router(visitor_key_routes.router)
app.include_router(spending.router)
app.include_router(documentation.router)
handler = lambda_handler(app)
