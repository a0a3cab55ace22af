-- name: sessions_of
-- A chat whose visitor gave the address counts as theirs, though nobody has checked it.
SELECT id FROM sessions
WHERE workspace_id = %(workspace_id)s
    AND (requester_id = %(user_id)s OR id = %(session_id)s OR visitor_email = %(email)s)

-- name: tickets_of
SELECT id, session_id FROM tickets
WHERE workspace_id = %(workspace_id)s AND (requester_id = %(user_id)s OR session_id = ANY(%(session_ids)s))

-- name: mails_of
SELECT id FROM inbound_mails
WHERE workspace_id = %(workspace_id)s AND (sender = %(email)s OR ticket_id = ANY(%(ticket_ids)s))

-- name: objects_of
WITH said AS (
    SELECT id, raw_object FROM messages
    WHERE workspace_id = %(workspace_id)s AND (ticket_id = ANY(%(ticket_ids)s) OR session_id = ANY(%(session_ids)s)
        OR original_ticket_id = ANY(%(ticket_ids)s) OR author_id = %(user_id)s)
)
SELECT 'inbound' AS bucket, raw_object AS key FROM said WHERE raw_object IS NOT NULL
UNION
SELECT 'inbound', object_key FROM inbound_mails
WHERE workspace_id = %(workspace_id)s AND id = ANY(%(mail_ids)s)
UNION
SELECT 'attachments', a.object_key FROM attachments a JOIN said ON said.id = a.message_id
UNION
SELECT 'attachments', object_key FROM uploads
WHERE workspace_id = %(workspace_id)s AND ticket_id = ANY(%(ticket_ids)s)
UNION
SELECT 'attachments', result ->> 'object_key' FROM jobs
WHERE workspace_id = %(workspace_id)s AND kind = 'privacy-export' AND kind LIKE 'privacy%%' -- as the index says it
    AND result ? 'object_key' AND (request ->> 'user_id' = %(user_id)s::text OR request ->> 'email' = %(email)s)

-- name: marks_of
SELECT 'id' AS kind, m.id::text AS value FROM messages m
WHERE m.workspace_id = %(workspace_id)s AND (m.ticket_id = ANY(%(ticket_ids)s) OR m.session_id = ANY(%(session_ids)s)
    OR m.author_id = %(user_id)s)
UNION ALL
SELECT 'message-id', m.mail_message_id FROM messages m
WHERE m.workspace_id = %(workspace_id)s AND (m.ticket_id = ANY(%(ticket_ids)s) OR m.author_id = %(user_id)s)
    AND m.mail_message_id IS NOT NULL
UNION ALL
SELECT 'fingerprint', i.fingerprint FROM inbound_mails i
WHERE i.workspace_id = %(workspace_id)s AND i.id = ANY(%(mail_ids)s)

-- name: crm_cases_of
SELECT case_id FROM crm_links
WHERE workspace_id = %(workspace_id)s AND ticket_id = ANY(%(ticket_ids)s) AND case_id IS NOT NULL

-- name: add_mark
INSERT INTO erased_marks (workspace_id, mark) VALUES (%(workspace_id)s, %(mark)s)
ON CONFLICT (workspace_id, mark) DO UPDATE SET erased_at = now()

-- name: known_marks
SELECT max(erased_at) FROM erased_marks WHERE workspace_id = %(workspace_id)s AND mark = ANY(%(marks)s)

-- name: erase_labelled_examples
DELETE FROM labelled_examples WHERE workspace_id = %(workspace_id)s AND ticket_id = ANY(%(ticket_ids)s)

-- name: erase_article_proposals
DELETE FROM article_proposals p
WHERE workspace_id = %(workspace_id)s AND EXISTS (
    SELECT FROM jsonb_array_elements(p.evidence) e
    WHERE e ->> 'ticket_id' = ANY(%(ticket_ids)s::uuid[]::text[]) OR e ->> 'turn_id' IN (
        SELECT id::text FROM turns WHERE session_id = ANY(%(session_ids)s) OR ticket_id = ANY(%(ticket_ids)s))
)

-- name: erase_inbound_mails
DELETE FROM inbound_mails WHERE workspace_id = %(workspace_id)s AND id = ANY(%(mail_ids)s)

-- name: erase_outbox
DELETE FROM outbox
WHERE workspace_id = %(workspace_id)s AND (payload ->> 'ticket_id' = ANY(%(ticket_ids)s::uuid[]::text[])
    OR payload ->> 'message_id' IN (
        SELECT id::text FROM messages
        WHERE ticket_id = ANY(%(ticket_ids)s) OR session_id = ANY(%(session_ids)s) OR author_id = %(user_id)s))

-- name: erase_idempotency_keys
-- Answers that are kept for a day; those that name the person, a ticket or a chat of theirs.
DELETE FROM idempotency_keys
WHERE workspace_id = %(workspace_id)s AND EXISTS (
    SELECT FROM unnest(%(needles)s::text[]) n WHERE position(convert_to(n, 'UTF8') IN body) > 0)

-- name: erase_webhook_deliveries
-- Those of a ticket go with it; these are about what the person said in others' tickets.
DELETE FROM webhook_deliveries WHERE workspace_id = %(workspace_id)s AND body LIKE ANY(%(own_id)s)

-- name: erase_jobs
DELETE FROM jobs
WHERE workspace_id = %(workspace_id)s AND status = 'done'
    AND (request::text LIKE ANY(%(id_patterns)s) OR request ->> 'email' = %(email)s)

-- name: erase_model_calls
-- What they cost stays in the books.
UPDATE model_calls SET detail = NULL, turn_id = NULL
WHERE workspace_id = %(workspace_id)s AND (requester_id = %(user_id)s OR session_id = ANY(%(session_ids)s))

-- name: erase_messages
DELETE FROM messages
WHERE workspace_id = %(workspace_id)s AND (author_id = %(user_id)s OR original_ticket_id = ANY(%(ticket_ids)s))

-- name: erase_visitor_identities
-- A host site may call its visitors by their addresses.
DELETE FROM visitor_identities
WHERE workspace_id = %(workspace_id)s AND (user_id = %(user_id)s OR subject ILIKE ANY(%(value_patterns)s))

-- name: erase_tickets
DELETE FROM tickets WHERE workspace_id = %(workspace_id)s AND id = ANY(%(ticket_ids)s)

-- name: erase_sessions
DELETE FROM sessions WHERE workspace_id = %(workspace_id)s AND id = ANY(%(session_ids)s)

-- name: erase_users
DELETE FROM users WHERE workspace_id = %(workspace_id)s AND id = %(user_id)s AND role = 'customer'

-- name: forget_in_audit_log
SELECT forget_in_audit_log(%(user_id)s, %(ticket_ids)s, %(value_patterns)s)

-- name: be_patient
SELECT set_config('statement_timeout', '100s', true)

-- name: columns
SELECT c.relname AS table_name, a.attname AS column_name, format_type(a.atttypid, NULL) AS type,
    a.attgenerated <> '' AS generated
FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_attribute w ON w.attrelid = c.oid AND w.attname = 'workspace_id' AND NOT w.attisdropped
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
ORDER BY c.relname, a.attnum

-- name: export_person
SELECT to_jsonb(u) - '{workspace_id,password_hash}'::text[] AS row FROM users u
WHERE workspace_id = %(workspace_id)s AND id = %(user_id)s

-- name: export_visitor_identities
SELECT to_jsonb(i) - 'workspace_id' AS row FROM visitor_identities i
WHERE workspace_id = %(workspace_id)s AND user_id = %(user_id)s

-- name: export_sessions
SELECT to_jsonb(s) - '{workspace_id,token_hash}'::text[] AS row FROM sessions s
WHERE workspace_id = %(workspace_id)s AND id = ANY(%(session_ids)s) ORDER BY id

-- name: export_tickets
SELECT to_jsonb(t) - 'workspace_id' AS row FROM tickets t
WHERE workspace_id = %(workspace_id)s AND id = ANY(%(ticket_ids)s) ORDER BY id

-- name: export_ticket_events
SELECT to_jsonb(e) - 'workspace_id' AS row FROM ticket_events e
WHERE workspace_id = %(workspace_id)s AND ticket_id = ANY(%(ticket_ids)s) ORDER BY id

-- name: export_messages
SELECT to_jsonb(m) - 'workspace_id' AS row FROM messages m
WHERE workspace_id = %(workspace_id)s AND (ticket_id = ANY(%(ticket_ids)s) OR session_id = ANY(%(session_ids)s)
    OR author_id = %(user_id)s) ORDER BY id

-- name: export_attachments
SELECT to_jsonb(a) - 'workspace_id' AS row
FROM attachments a JOIN messages m ON m.id = a.message_id
WHERE a.workspace_id = %(workspace_id)s AND (m.ticket_id = ANY(%(ticket_ids)s) OR m.session_id = ANY(%(session_ids)s)
    OR m.author_id = %(user_id)s) ORDER BY a.id

-- name: export_inbound_mails
SELECT to_jsonb(i) - 'workspace_id' AS row FROM inbound_mails i
WHERE workspace_id = %(workspace_id)s AND id = ANY(%(mail_ids)s) ORDER BY id

-- name: export_turns
SELECT to_jsonb(t) - 'workspace_id' AS row FROM turns t
WHERE workspace_id = %(workspace_id)s AND (session_id = ANY(%(session_ids)s) OR ticket_id = ANY(%(ticket_ids)s)) ORDER BY id

-- name: export_ratings
SELECT to_jsonb(r) - 'workspace_id' AS row
FROM ratings r JOIN messages m ON m.id = r.message_id
WHERE r.workspace_id = %(workspace_id)s AND (m.ticket_id = ANY(%(ticket_ids)s) OR m.session_id = ANY(%(session_ids)s))
ORDER BY r.id

-- name: export_satisfaction_ratings
SELECT to_jsonb(r) - 'workspace_id' AS row FROM satisfaction_ratings r
WHERE workspace_id = %(workspace_id)s AND (ticket_id = ANY(%(ticket_ids)s) OR requester_id = %(user_id)s) ORDER BY id

-- name: export_escalations
SELECT to_jsonb(e) - 'workspace_id' AS row FROM escalations e
WHERE workspace_id = %(workspace_id)s AND ticket_id = ANY(%(ticket_ids)s) ORDER BY id

-- name: export_labelled_examples
SELECT to_jsonb(x) - '{workspace_id,embedding}'::text[] AS row FROM labelled_examples x
WHERE workspace_id = %(workspace_id)s AND ticket_id = ANY(%(ticket_ids)s) ORDER BY id

-- name: export_crm_links
SELECT to_jsonb(c) - 'workspace_id' AS row FROM crm_links c
WHERE workspace_id = %(workspace_id)s AND ticket_id = ANY(%(ticket_ids)s)

-- name: rules
SELECT what, status, days FROM retention_rules WHERE workspace_id = %(workspace_id)s ORDER BY what, status

-- name: delete_rules
DELETE FROM retention_rules WHERE workspace_id = %(workspace_id)s

-- name: add_rule
INSERT INTO retention_rules (workspace_id, what, status, days) VALUES (%(workspace_id)s, %(what)s, %(status)s, %(days)s)

-- name: old_tickets
SELECT id FROM tickets
WHERE workspace_id = %(workspace_id)s AND status = %(status)s AND updated_at < %(before)s
ORDER BY updated_at
LIMIT %(limit)s

-- name: count_old_tickets
SELECT count(*) FROM tickets
WHERE workspace_id = %(workspace_id)s AND status = %(status)s AND updated_at < %(before)s

-- name: old_chats
SELECT id FROM sessions s
WHERE workspace_id = %(workspace_id)s AND last_active_at < %(before)s AND %(status)s::text IS NULL
    AND NOT EXISTS (SELECT FROM tickets t WHERE t.session_id = s.id)
ORDER BY last_active_at
LIMIT %(limit)s

-- name: count_old_chats
SELECT count(*) FROM sessions s
WHERE workspace_id = %(workspace_id)s AND last_active_at < %(before)s AND %(status)s::text IS NULL
    AND NOT EXISTS (SELECT FROM tickets t WHERE t.session_id = s.id)

-- name: old_held_mails
SELECT id FROM inbound_mails
WHERE workspace_id = %(workspace_id)s AND outcome IN ('suspended', 'quarantined') AND created_at < %(before)s
    AND %(status)s::text IS NULL
ORDER BY created_at
LIMIT %(limit)s

-- name: count_old_held_mails
SELECT count(*) FROM inbound_mails
WHERE workspace_id = %(workspace_id)s AND outcome IN ('suspended', 'quarantined') AND created_at < %(before)s
    AND %(status)s::text IS NULL
