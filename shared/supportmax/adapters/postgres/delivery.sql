-- name: add
INSERT INTO outbox (id, workspace_id, queue, type, payload, occurred_at)
VALUES (%(id)s, %(workspace_id)s, %(queue)s, %(type)s, %(payload)s, %(occurred_at)s)

-- name: claim_due
UPDATE outbox SET claimed_at = now(), attempts = attempts + 1
WHERE id IN (
    SELECT id FROM outbox
    WHERE workspace_id = %(workspace_id)s AND published_at IS NULL AND claimed_at < %(older_than)s
    ORDER BY id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
RETURNING id, workspace_id, type, payload, occurred_at

-- name: mark_published
UPDATE outbox SET published_at = now() WHERE workspace_id = %(workspace_id)s AND id = ANY(%(ids)s)

-- name: remember
INSERT INTO processed_messages (workspace_id, consumer, message_id) VALUES (%(workspace_id)s, %(consumer)s, %(id)s)
ON CONFLICT (consumer, message_id) DO NOTHING

-- name: prune_processed
DELETE FROM processed_messages WHERE workspace_id = %(workspace_id)s AND processed_at < %(older_than)s

-- name: prune_published
DELETE FROM outbox WHERE workspace_id = %(workspace_id)s AND published_at < %(older_than)s

-- name: lock_fingerprint
SELECT pg_advisory_xact_lock(hashtextextended(%(fingerprint)s, 0))

-- name: seen_mail
SELECT object_key FROM inbound_mails WHERE workspace_id = %(workspace_id)s AND fingerprint = %(fingerprint)s

-- name: add_mail
INSERT INTO inbound_mails (id, workspace_id, fingerprint, object_key, sender, subject, outcome, reason, ticket_id,
    message_id)
VALUES (%(id)s, %(workspace_id)s, %(fingerprint)s, %(object_key)s, %(sender)s, %(subject)s, %(outcome)s, %(reason)s,
    %(ticket_id)s, %(message_id)s)

-- name: held_mails
SELECT id, fingerprint, object_key, sender, subject, outcome, reason, ticket_id, message_id, created_at
FROM inbound_mails
WHERE workspace_id = %(workspace_id)s AND outcome IN ('suspended', 'quarantined')
    AND (%(after)s::uuid IS NULL OR id < %(after)s)
ORDER BY id DESC
LIMIT %(limit)s

-- name: claim_link
-- Two pushes of one ticket at once could both add a comment: the second one waits for its redelivery. A claim older
-- than a minute belongs to a push that died.
INSERT INTO crm_links (ticket_id, workspace_id, claimed_at) VALUES (%(ticket_id)s, %(workspace_id)s, now())
ON CONFLICT (ticket_id) DO UPDATE SET claimed_at = now()
WHERE crm_links.claimed_at IS NULL OR crm_links.claimed_at < now() - interval '1 minute'

-- name: save_link
UPDATE crm_links SET case_id = %(case_id)s, contact_id = %(contact_id)s, pushed_at = now(), claimed_at = NULL
WHERE workspace_id = %(workspace_id)s AND ticket_id = %(ticket_id)s

-- name: watermark
SELECT reached FROM sync_watermarks WHERE workspace_id = %(workspace_id)s AND name = %(name)s

-- name: advance_watermark
INSERT INTO sync_watermarks (workspace_id, name, reached) VALUES (%(workspace_id)s, %(name)s, %(reached)s)
ON CONFLICT (workspace_id, name) DO UPDATE SET reached = greatest(sync_watermarks.reached, excluded.reached)

-- name: claim_watermark
INSERT INTO sync_watermarks (workspace_id, name, reached) VALUES (%(workspace_id)s, %(name)s, %(reached)s)
ON CONFLICT (workspace_id, name) DO UPDATE SET reached = excluded.reached WHERE sync_watermarks.reached <= %(before)s

-- name: add_turn
INSERT INTO turns (id, workspace_id, session_id, ticket_id, question, searched_for, action, confidence, article_id,
    retrieved, model, input_tokens, output_tokens, cost_microusd, latency_ms, message_id, decision)
VALUES (%(id)s, %(workspace_id)s, %(session_id)s, %(ticket_id)s, %(question)s, %(searched_for)s, %(action)s,
    %(confidence)s, %(article_id)s, %(retrieved)s, %(model)s, %(input_tokens)s, %(output_tokens)s, %(cost_microusd)s,
    %(latency_ms)s, %(message_id)s, %(decision)s)

-- name: add_turn_with_reply
-- Both or, where the session has a ticket by now, neither. Whoever opens one holds the session's row, and so do we.
WITH replied AS (
    INSERT INTO messages (id, workspace_id, session_id, author_kind, channel, body, created_at)
    SELECT %(message_id)s, %(workspace_id)s, %(session_id)s, 'assistant', %(channel)s, %(reply)s, %(replied_at)s
    WHERE NOT EXISTS (SELECT FROM tickets WHERE session_id = %(session_id)s)
    RETURNING id
)
INSERT INTO turns (id, workspace_id, session_id, question, searched_for, action, confidence, article_id, retrieved, model,
    input_tokens, output_tokens, cost_microusd, latency_ms, message_id, decision)
SELECT %(id)s, %(workspace_id)s, %(session_id)s, %(question)s, %(searched_for)s, %(action)s, %(confidence)s,
    %(article_id)s, %(retrieved)s, %(model)s, %(input_tokens)s, %(output_tokens)s, %(cost_microusd)s, %(latency_ms)s,
    replied.id, %(decision)s
FROM replied

-- name: recent_turns
SELECT id, session_id, ticket_id, question, searched_for, action, confidence, article_id, retrieved, latency_ms,
    message_id, decision
FROM turns
WHERE workspace_id = %(workspace_id)s AND session_id = %(session_id)s
ORDER BY id DESC
LIMIT %(limit)s

-- name: turn_of_message
-- Of a reply, the turn that gave it; of a customer's message, the turn that it began, whose id is the younger one.
SELECT id, session_id, ticket_id, message_id, question, searched_for, action, confidence, retrieved, decision, model,
    input_tokens, output_tokens, cost_microusd, latency_ms, created_at
FROM turns
WHERE workspace_id = %(workspace_id)s AND id = (
    (SELECT id FROM turns WHERE workspace_id = %(workspace_id)s AND message_id = %(message_id)s LIMIT 1)
    UNION ALL
    (SELECT t.id FROM messages m JOIN turns t
            ON t.session_id = m.session_id OR t.ticket_id = m.ticket_id OR t.ticket_id = m.original_ticket_id
        WHERE m.workspace_id = %(workspace_id)s AND m.id = %(message_id)s AND t.id > m.id
            AND t.decision ->> 'asked_in' = m.id::text ORDER BY t.id LIMIT 1)
    LIMIT 1
)

-- name: machine_mails
SELECT count(*)
FROM messages
WHERE workspace_id = %(workspace_id)s AND ticket_id = %(ticket_id)s AND channel = 'email'
    AND author_kind IN ('assistant', 'system') AND visibility = 'public' AND NOT by_rule AND created_at >= %(since)s
