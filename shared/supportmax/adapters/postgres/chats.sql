-- name: get
SELECT c.id, c.requester_id, c.visitor, c.visitor_name, c.visitor_email, c.ticket_id, c.in_charge, c.news, c.visitor_typing,
    c.agent_typing, c.visitor_read, c.agent_read, c.expires_at, c.ended_at, c.ended_by, c.last_active_at, c.created_at
FROM chats c
WHERE c.workspace_id = %(workspace_id)s AND c.id = %(id)s

-- name: of_ticket
SELECT c.id, c.requester_id, c.visitor, c.visitor_name, c.visitor_email, c.ticket_id, c.in_charge, c.news, c.visitor_typing,
    c.agent_typing, c.visitor_read, c.agent_read, c.expires_at, c.ended_at, c.ended_by, c.last_active_at, c.created_at
FROM chats c JOIN tickets t ON t.session_id = c.id
WHERE c.workspace_id = %(workspace_id)s AND t.id = %(ticket_id)s AND t.deleted_at IS NULL

-- name: see
-- The chat itself, if the token is of it, or of another chat of the same verified visitor; its messages with it.
SELECT c.id, c.requester_id, c.visitor, c.visitor_name, c.visitor_email, c.ticket_id, c.in_charge, c.news, c.visitor_typing,
    c.agent_typing, c.visitor_read, c.agent_read, c.expires_at, c.ended_at, c.ended_by, c.last_active_at, c.created_at,
    mine.token_hash, coalesce(mine.expires_at > now() AND k.revoked_at IS NULL, true) AS alive,
    k.allowed_origins && %(patterns)s::text[] AS origin_allowed,
    (SELECT coalesce(jsonb_agg(to_jsonb(m)), '[]') FROM (
        SELECT n.id, n.author_kind, n.body, n.created_at, n.session_position AS position
        FROM messages n
        WHERE n.session_id = c.id AND n.visibility = 'public' AND (n.session_position, n.id) > (
            coalesce((SELECT a.session_position FROM messages a WHERE a.id = %(after)s AND a.session_id = c.id), 0),
            coalesce(%(after)s::uuid, '00000000-0000-0000-0000-000000000000'))
        ORDER BY n.session_position, n.id
        LIMIT %(limit)s
    ) m) AS messages
FROM chats c
    LEFT JOIN sessions mine ON mine.id = %(token_session)s AND (mine.id = c.id
        OR (mine.visitor = 'verified' AND c.visitor = 'verified' AND mine.requester_id = c.requester_id))
    LEFT JOIN widget_keys k ON k.id = mine.widget_key_id
WHERE c.workspace_id = %(workspace_id)s AND c.id = %(id)s
    AND CASE WHEN %(token_session)s::uuid IS NULL THEN c.token_hash IS NULL ELSE mine.id IS NOT NULL END

-- name: of_token
SELECT c.id, c.requester_id, c.visitor, c.visitor_name, c.visitor_email, c.ticket_id, c.in_charge, c.news, c.visitor_typing,
    c.agent_typing, c.visitor_read, c.agent_read, c.expires_at, c.ended_at, c.ended_by, c.last_active_at, c.created_at,
    c.token_hash, coalesce(c.expires_at > now() AND k.revoked_at IS NULL, true) AS alive,
    k.allowed_origins && %(patterns)s::text[] AS origin_allowed
FROM chats c LEFT JOIN widget_keys k ON k.id = c.widget_key_id
WHERE c.workspace_id = %(workspace_id)s AND c.id = %(id)s AND c.token_hash IS NOT NULL

-- name: of_visitor
SELECT c.id, c.requester_id, c.visitor, c.visitor_name, c.visitor_email, c.ticket_id, c.in_charge, c.news, c.visitor_typing,
    c.agent_typing, c.visitor_read, c.agent_read, c.expires_at, c.ended_at, c.ended_by, c.last_active_at, c.created_at
FROM chats c
WHERE c.workspace_id = %(workspace_id)s AND c.requester_id = %(requester_id)s AND c.visitor = 'verified'
    AND (%(after)s::uuid IS NULL OR c.id < %(after)s)
ORDER BY c.id DESC
LIMIT %(limit)s

-- name: begin
INSERT INTO sessions (id, workspace_id, requester_id, visitor, visitor_name, visitor_email, widget_key_id, token_hash,
    expires_at)
VALUES (%(id)s, %(workspace_id)s, %(requester_id)s, %(kind)s, %(name)s, %(email)s, %(widget_key_id)s, %(token_hash)s,
    %(expires_at)s)

-- name: renew
UPDATE sessions SET expires_at = %(expires_at)s
WHERE workspace_id = %(workspace_id)s AND id = ANY(%(ids)s) AND ended_at IS NULL AND expires_at < %(expires_at)s

-- name: put_in_charge
UPDATE sessions SET in_charge = %(who)s, news = news + 1
WHERE workspace_id = %(workspace_id)s AND id = %(id)s AND in_charge IS DISTINCT FROM %(who)s

-- name: end
UPDATE sessions SET ended_at = now(), ended_by = %(ended_by)s, news = news + 1
WHERE workspace_id = %(workspace_id)s AND id = %(id)s AND ended_at IS NULL

-- name: idle
SELECT id FROM sessions
WHERE workspace_id = %(workspace_id)s AND ended_at IS NULL AND visitor IS NOT NULL
    AND last_active_at < now() - make_interval(hours => %(hours)s)
ORDER BY last_active_at
LIMIT %(limit)s

-- name: claim_transcript
-- An address that is given now is the visitor's claim from now on.
UPDATE sessions SET transcript_sent_at = now(), visitor_email = coalesce(visitor_email, %(recipient)s),
    visitor = CASE WHEN visitor = 'anonymous' THEN 'claimed' ELSE visitor END
WHERE workspace_id = %(workspace_id)s AND id = %(id)s
    AND (transcript_sent_at IS NULL OR transcript_sent_at < now() - %(again_after)s::interval)

-- name: settings
SELECT business_hours_id, away_message, idle_hours FROM chat_settings WHERE workspace_id = %(workspace_id)s

-- name: save_settings
INSERT INTO chat_settings (workspace_id, business_hours_id, away_message, idle_hours)
VALUES (%(workspace_id)s, %(business_hours_id)s, %(away_message)s, %(idle_hours)s)
ON CONFLICT (workspace_id) DO UPDATE
SET business_hours_id = excluded.business_hours_id, away_message = excluded.away_message, idle_hours = excluded.idle_hours

-- name: note_visitor
-- What has not changed is not written: widgets tell it every few seconds.
UPDATE sessions SET news = news + 1,
    visitor_typing_at = CASE WHEN %(typing)s::boolean IS NULL THEN visitor_typing_at WHEN %(typing)s THEN now() END,
    visitor_read = greatest(visitor_read, least(%(read)s::bigint, news))
WHERE workspace_id = %(workspace_id)s AND id = %(id)s AND (
    (%(typing)s AND coalesce(visitor_typing_at < now() - interval '3 seconds', true))
    OR (NOT %(typing)s AND visitor_typing_at IS NOT NULL)
    OR least(%(read)s::bigint, news) > visitor_read)

-- name: note_agent
UPDATE sessions SET news = news + 1,
    agent_typing_at = CASE WHEN %(typing)s::boolean IS NULL THEN agent_typing_at WHEN %(typing)s THEN now() END,
    agent_read = greatest(agent_read, least(%(read)s::bigint, news))
WHERE workspace_id = %(workspace_id)s AND id = %(id)s AND (
    (%(typing)s AND coalesce(agent_typing_at < now() - interval '3 seconds', true))
    OR (NOT %(typing)s AND agent_typing_at IS NOT NULL)
    OR least(%(read)s::bigint, news) > agent_read)

-- name: remember
INSERT INTO message_keys (workspace_id, session_id, key, message_id)
VALUES (%(workspace_id)s, %(session_id)s, %(key)s, %(message_id)s)

-- name: brought_by
SELECT message_id, reply_id FROM message_keys
WHERE workspace_id = %(workspace_id)s AND session_id = %(session_id)s AND key = %(key)s

-- name: answered
UPDATE message_keys SET reply_id = (SELECT id FROM messages WHERE id = %(reply_id)s)
WHERE workspace_id = %(workspace_id)s AND session_id = %(session_id)s AND key = %(key)s
