CREATE OR REPLACE VIEW chats WITH (security_invoker = true) AS
SELECT s.id, s.workspace_id, s.requester_id, s.widget_key_id, s.visitor, s.visitor_name, s.visitor_email, s.token_hash,
    s.expires_at, s.ended_at, s.ended_by, s.news, s.visitor_read, s.agent_read, s.created_at, s.last_active_at,
    coalesce(s.visitor_typing_at > now() - interval '8 seconds', false) AS visitor_typing,
    coalesce(s.agent_typing_at > now() - interval '8 seconds', false) AS agent_typing,
    t.id AS ticket_id,
    CASE
        WHEN t.id IS NULL OR t.status IN ('solved', 'closed') THEN 'assistant'
        WHEN s.in_charge IS NOT NULL THEN s.in_charge
        WHEN t.first_response_at IS NOT NULL THEN 'agent'
        ELSE 'assistant'
    END AS in_charge
FROM sessions s LEFT JOIN LATERAL (
    SELECT goes_on.id, goes_on.status, goes_on.first_response_at
    FROM tickets k JOIN tickets goes_on ON goes_on.id = coalesce(k.merged_into_id, k.id)
    WHERE k.session_id = s.id AND goes_on.deleted_at IS NULL AND goes_on.status <> 'closed'
    ORDER BY k.id DESC
    LIMIT 1
) t ON true;
DROP INDEX IF EXISTS users_by_role;
DROP INDEX IF EXISTS inbound_mails_of_ticket;
DROP INDEX IF EXISTS inbound_mails_of_message;
DROP INDEX IF EXISTS notifications_of_ticket;
DROP INDEX IF EXISTS turns_of_article;
DROP INDEX IF EXISTS escalations_of_assignee;
DROP INDEX IF EXISTS audit_entries_of_actor;
