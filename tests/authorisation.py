"""Who may call which endpoint. A new endpoint must be entered here, or the authorisation matrix fails.

`Rule(scope)` is for agents, and for API keys with that scope; the others narrow it.
"""

from dataclasses import dataclass

from supportmax.domain.access import Scope


@dataclass(frozen=True)
class Rule:
    """`key_scope` None: any API key. `keys` False: people only. `admin`: administrators only."""

    key_scope: Scope | None = "admin"
    admin: bool = False
    keys: bool = True
    guarded: bool = True


OPEN = Rule(guarded=False)
"""Anybody, without a token: signing in, health."""
VISITOR = Rule(guarded=False)
"""Whoever holds the session's id, in the workspace of the widget's key."""
WIDGET = Rule(guarded=False)
"""A page with a widget's key."""
TOKEN = Rule(guarded=False)
"""Whoever holds the session's token."""
ANY_KEY = Rule(None)
ADMIN = Rule(admin=True)
IN_PERSON = Rule(keys=False)
ADMIN_IN_PERSON = Rule(admin=True, keys=False)
READ_TICKETS, WRITE_TICKETS = Rule("tickets:read"), Rule("tickets:write")
READ_KNOWLEDGE, WRITE_KNOWLEDGE = Rule("knowledge:read"), Rule("knowledge:write")
READ_PEOPLE = Rule("people:read")

EXPECTED: dict[str, Rule] = {
    "GET /health": OPEN,
    "GET /metrics": OPEN,
    # Chat
    "POST /chat": VISITOR,
    "POST /v1/sessions": WIDGET,
    "GET /v1/sessions": TOKEN,
    "GET /v1/sessions/{session_id}": TOKEN,
    "POST /v1/sessions/{session_id}/messages": TOKEN,
    "GET /v1/sessions/{session_id}/messages": VISITOR,
    "PUT /v1/sessions/{session_id}/messages/{message_id}/rating": VISITOR,
    # Tickets
    "GET /v1/tickets": READ_TICKETS,
    "POST /v1/tickets": WRITE_TICKETS,
    "GET /v1/tickets/{ticket_id}": READ_TICKETS,
    "PATCH /v1/tickets/{ticket_id}": WRITE_TICKETS,
    "DELETE /v1/tickets/{ticket_id}": WRITE_TICKETS,
    "GET /v1/tickets/{ticket_id}/messages": READ_TICKETS,
    "POST /v1/tickets/{ticket_id}/messages": WRITE_TICKETS,
    "GET /v1/messages/{message_id}/explanation": READ_TICKETS,
    "POST /v1/tickets/bulk-update": WRITE_TICKETS,
    "GET /v1/jobs/{job_id}": READ_TICKETS,
    "GET /v1/tickets/{ticket_id}/events": READ_TICKETS,
    "GET /v1/tickets/{ticket_id}/followers": READ_TICKETS,
    "PUT /v1/tickets/{ticket_id}/followers/{user_id}": WRITE_TICKETS,
    "DELETE /v1/tickets/{ticket_id}/followers/{user_id}": WRITE_TICKETS,
    "GET /v1/tickets/{ticket_id}/links": READ_TICKETS,
    "POST /v1/tickets/{ticket_id}/links": WRITE_TICKETS,
    "DELETE /v1/tickets/{ticket_id}/links/{link_id}": WRITE_TICKETS,
    "POST /v1/tickets/{ticket_id}/merge": WRITE_TICKETS,
    "POST /v1/tickets/{ticket_id}/restore": WRITE_TICKETS,
    "POST /v1/tickets/{ticket_id}/split": WRITE_TICKETS,
    "POST /v1/tickets/{ticket_id}/uploads": WRITE_TICKETS,
    "PUT /v1/tickets/{ticket_id}/presence": WRITE_TICKETS,
    "DELETE /v1/tickets/{ticket_id}/presence": WRITE_TICKETS,
    "GET /v1/attachments/{attachment_id}": READ_TICKETS,
    "GET /v1/ticket-fields": READ_TICKETS,
    "POST /v1/ticket-fields": ADMIN,
    "PATCH /v1/ticket-fields/{field_id}": ADMIN,
    "DELETE /v1/ticket-fields/{field_id}": ADMIN,
    "GET /v1/views": READ_TICKETS,
    "POST /v1/views": WRITE_TICKETS,
    "GET /v1/views/counts": READ_TICKETS,
    "GET /v1/views/{view_id}": READ_TICKETS,
    "PUT /v1/views/{view_id}": WRITE_TICKETS,
    "DELETE /v1/views/{view_id}": WRITE_TICKETS,
    "GET /v1/views/{view_id}/tickets": READ_TICKETS,
    "GET /v1/macros": READ_TICKETS,
    "POST /v1/macros": WRITE_TICKETS,
    "GET /v1/macros/{macro_id}": READ_TICKETS,
    "PUT /v1/macros/{macro_id}": WRITE_TICKETS,
    "DELETE /v1/macros/{macro_id}": WRITE_TICKETS,
    "POST /v1/tickets/{ticket_id}/macros/{macro_id}/apply": WRITE_TICKETS,
    "GET /v1/canned-replies": READ_TICKETS,
    "POST /v1/canned-replies": WRITE_TICKETS,
    "PUT /v1/canned-replies/{reply_id}": WRITE_TICKETS,
    "DELETE /v1/canned-replies/{reply_id}": WRITE_TICKETS,
    "POST /v1/canned-replies/{reply_id}/render": WRITE_TICKETS,
    "GET /v1/triggers": READ_TICKETS,
    "POST /v1/triggers": ADMIN,
    "POST /v1/triggers/dry-run": ADMIN,
    "GET /v1/triggers/{trigger_id}": READ_TICKETS,
    "PUT /v1/triggers/{trigger_id}": ADMIN,
    "DELETE /v1/triggers/{trigger_id}": ADMIN,
    "POST /v1/triggers/{trigger_id}/dry-run": ADMIN,
    "GET /v1/automations": READ_TICKETS,
    "POST /v1/automations": ADMIN,
    "POST /v1/automations/dry-run": ADMIN,
    "GET /v1/automations/{automation_id}": READ_TICKETS,
    "PUT /v1/automations/{automation_id}": ADMIN,
    "DELETE /v1/automations/{automation_id}": ADMIN,
    "POST /v1/automations/{automation_id}/dry-run": ADMIN,
    "GET /v1/notifications": READ_TICKETS,
    "GET /v1/quarantine": READ_TICKETS,
    # Copilot
    "POST /v1/tickets/{ticket_id}/draft": WRITE_TICKETS,
    "POST /v1/tickets/{ticket_id}/summary": WRITE_TICKETS,
    "POST /v1/tickets/{ticket_id}/similar": WRITE_TICKETS,
    "GET /v1/similar-tickets": READ_TICKETS,
    # Metrics
    "GET /v1/metrics": READ_TICKETS,
    "GET /v1/metrics/{name}": READ_TICKETS,
    # Knowledge
    "GET /v1/articles": READ_KNOWLEDGE,
    "POST /v1/articles": WRITE_KNOWLEDGE,
    "POST /v1/articles/import": WRITE_KNOWLEDGE,
    "GET /v1/articles/{article_id}": READ_KNOWLEDGE,
    "PUT /v1/articles/{article_id}": WRITE_KNOWLEDGE,
    "DELETE /v1/articles/{article_id}": WRITE_KNOWLEDGE,
    "GET /v1/knowledge/search": READ_KNOWLEDGE,
    "GET /v1/knowledge/status": READ_KNOWLEDGE,
    "GET /v1/knowledge/report": READ_KNOWLEDGE,
    "GET /v1/article-proposals": READ_KNOWLEDGE,
    "POST /v1/article-proposals": WRITE_KNOWLEDGE,
    "GET /v1/article-proposals/{proposal_id}": READ_KNOWLEDGE,
    "POST /v1/article-proposals/{proposal_id}/accept": WRITE_KNOWLEDGE,
    "POST /v1/article-proposals/{proposal_id}/dismiss": WRITE_KNOWLEDGE,
    "GET /v1/labels": READ_KNOWLEDGE,
    "POST /v1/labels": ADMIN,
    "GET /v1/labelled-examples": READ_KNOWLEDGE,
    "POST /v1/labelled-examples": WRITE_KNOWLEDGE,
    "POST /v1/labelled-examples/{example_id}/approve": WRITE_KNOWLEDGE,
    "DELETE /v1/labelled-examples/{example_id}": WRITE_KNOWLEDGE,
    "GET /v1/triage/report": READ_KNOWLEDGE,
    "POST /v1/triage/fit": ADMIN,
    "GET /v1/embeddings": READ_KNOWLEDGE,
    "POST /v1/embeddings": ADMIN,
    "DELETE /v1/embeddings": ADMIN,
    "POST /v1/embeddings/switch": ADMIN,
    "POST /v1/embeddings/rollback": ADMIN,
    # Signing in
    "POST /v1/auth/token": OPEN,
    "POST /v1/auth/refresh": OPEN,
    "POST /v1/auth/password-resets": OPEN,
    "POST /v1/auth/password-resets/confirm": OPEN,
    "POST /v1/auth/invitations/accept": OPEN,
    "GET /v1/auth/oidc/providers": OPEN,
    "POST /v1/auth/oidc/start": OPEN,
    "POST /v1/auth/oidc/finish": OPEN,
    "GET /v1/auth/sessions": IN_PERSON,
    "DELETE /v1/auth/sessions": IN_PERSON,
    "DELETE /v1/auth/sessions/{login_session_id}": IN_PERSON,
    "PUT /v1/auth/password": IN_PERSON,
    "GET /v1/auth/second-factor": IN_PERSON,
    "POST /v1/auth/second-factor": IN_PERSON,
    "POST /v1/auth/second-factor/confirm": IN_PERSON,
    "POST /v1/auth/second-factor/recovery-codes": IN_PERSON,
    "POST /v1/auth/second-factor/remove": IN_PERSON,
    # People
    "GET /v1/me": ANY_KEY,
    "GET /v1/users": READ_PEOPLE,
    "POST /v1/users": ADMIN,
    "GET /v1/users/{user_id}": READ_PEOPLE,
    "PATCH /v1/users/{user_id}": ADMIN,
    "POST /v1/users/{user_id}/invitation": ADMIN,
    "DELETE /v1/users/{user_id}/second-factor": ADMIN_IN_PERSON,
    "GET /v1/groups": READ_PEOPLE,
    "POST /v1/groups": ADMIN,
    "GET /v1/groups/{group_id}": READ_PEOPLE,
    "PATCH /v1/groups/{group_id}": ADMIN,
    "DELETE /v1/groups/{group_id}": ADMIN,
    "GET /v1/agents": READ_PEOPLE,
    "PATCH /v1/agents/{user_id}": ADMIN,
    "PUT /v1/me/availability": ANY_KEY,
    "GET /v1/skill-rules": READ_PEOPLE,
    "PUT /v1/skill-rules": ADMIN,
    # Service levels
    "GET /v1/business-hours": READ_TICKETS,
    "POST /v1/business-hours": ADMIN,
    "GET /v1/business-hours/{business_hours_id}": READ_TICKETS,
    "PUT /v1/business-hours/{business_hours_id}": ADMIN,
    "DELETE /v1/business-hours/{business_hours_id}": ADMIN,
    "GET /v1/sla-policies": READ_TICKETS,
    "POST /v1/sla-policies": ADMIN,
    "GET /v1/sla-policies/{policy_id}": READ_TICKETS,
    "PUT /v1/sla-policies/{policy_id}": ADMIN,
    "DELETE /v1/sla-policies/{policy_id}": ADMIN,
    # Administration
    "GET /v1/api-keys": ADMIN,
    "POST /v1/api-keys": ADMIN_IN_PERSON,
    "GET /v1/api-keys/{key_id}": ADMIN,
    "DELETE /v1/api-keys/{key_id}": ADMIN,
    "GET /v1/identity-providers": ADMIN,
    "POST /v1/identity-providers": ADMIN_IN_PERSON,
    "PUT /v1/identity-providers/{provider_id}": ADMIN_IN_PERSON,
    "DELETE /v1/identity-providers/{provider_id}": ADMIN_IN_PERSON,
    "GET /v1/webhooks": ADMIN,
    "POST /v1/webhooks": ADMIN_IN_PERSON,
    "GET /v1/webhooks/{webhook_id}": ADMIN,
    "PATCH /v1/webhooks/{webhook_id}": ADMIN_IN_PERSON,
    "DELETE /v1/webhooks/{webhook_id}": ADMIN_IN_PERSON,
    "POST /v1/webhooks/{webhook_id}/rotate-secret": ADMIN_IN_PERSON,
    "POST /v1/webhooks/{webhook_id}/ping": ADMIN,
    "GET /v1/webhooks/{webhook_id}/deliveries": ADMIN,
    "GET /v1/webhooks/{webhook_id}/deliveries/{delivery_id}": ADMIN,
    "POST /v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay": ADMIN,
    "POST /v1/privacy/exports": ADMIN_IN_PERSON,
    "POST /v1/privacy/erasures": ADMIN_IN_PERSON,
    "GET /v1/privacy/jobs/{job_id}": ADMIN,
    "GET /v1/privacy/retention": ADMIN,
    "PUT /v1/privacy/retention": ADMIN_IN_PERSON,
    "POST /v1/privacy/retention/dry-run": ADMIN,
    "GET /v1/widget-keys": ADMIN,
    "POST /v1/widget-keys": ADMIN,
    "PATCH /v1/widget-keys/{widget_key_id}": ADMIN,
    "POST /v1/widget-keys/{widget_key_id}/rotate": ADMIN,
    "DELETE /v1/widget-keys/{widget_key_id}": ADMIN,
    "GET /v1/visitor-keys": ADMIN,
    "POST /v1/visitor-keys": ADMIN_IN_PERSON,
    "DELETE /v1/visitor-keys/{visitor_key_id}": ADMIN,
    "GET /v1/workspace": ADMIN,
    "PATCH /v1/workspace": ADMIN,
    "GET /v1/audit-entries": ADMIN,
    "GET /v1/workspace/answering": ADMIN,
    "PATCH /v1/workspace/answering": ADMIN,
    "GET /v1/budget": ADMIN,
    "GET /v1/model-calls": ADMIN,
}
