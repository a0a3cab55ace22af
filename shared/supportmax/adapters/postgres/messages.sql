-- name: add
INSERT INTO messages (
    id, workspace_id, session_id, ticket_id, author_kind, author_id, visibility, channel, subject, body, quoted_text,
    body_html, mail_message_id, in_reply_to, mail_references, recipient, delivery, raw_object, created_at, by_rule
) VALUES (
    %(id)s, %(workspace_id)s, %(session_id)s, %(ticket_id)s, %(author_kind)s, %(author_id)s, %(visibility)s,
    %(channel)s, %(subject)s, %(body)s, %(quoted_text)s, %(body_html)s, %(mail_message_id)s, %(in_reply_to)s,
    %(mail_references)s, %(recipient)s, %(delivery)s, %(raw_object)s, %(created_at)s, %(by_rule)s
)

-- name: get
SELECT id, session_id, ticket_id, author_kind, author_id, visibility, channel, subject, body, quoted_text, body_html,
    mail_message_id, in_reply_to, mail_references, recipient, delivery, delivery_id, raw_object, created_at
FROM messages
WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: of_session
SELECT id, session_id, ticket_id, author_kind, author_id, visibility, channel, subject, body, quoted_text, body_html,
    mail_message_id, in_reply_to, mail_references, recipient, delivery, delivery_id, raw_object, created_at
FROM messages
WHERE workspace_id = %(workspace_id)s AND session_id = %(session_id)s AND visibility = 'public'
    AND (session_position, id) > (
        coalesce((SELECT a.session_position FROM messages a WHERE a.id = %(after)s AND a.session_id = %(session_id)s), 0),
        coalesce(%(after)s::uuid, '00000000-0000-0000-0000-000000000000'))
ORDER BY session_position, id
LIMIT %(limit)s

-- name: of_ticket
SELECT id, session_id, ticket_id, author_kind, author_id, visibility, channel, subject, body, quoted_text, body_html,
    mail_message_id, in_reply_to, mail_references, recipient, delivery, delivery_id, raw_object, created_at
FROM messages
WHERE workspace_id = %(workspace_id)s AND ticket_id = %(ticket_id)s AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id
LIMIT %(limit)s

-- name: once_of_ticket
-- Of a ticket that was merged: what was said in it before.
SELECT id, session_id, ticket_id, author_kind, author_id, visibility, channel, subject, body, quoted_text, body_html,
    mail_message_id, in_reply_to, mail_references, recipient, delivery, delivery_id, raw_object, created_at
FROM messages
WHERE workspace_id = %(workspace_id)s AND (original_ticket_id = %(ticket_id)s OR ticket_id = %(ticket_id)s)
    AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id
LIMIT %(limit)s

-- name: move
UPDATE messages SET ticket_id = %(target_id)s, original_ticket_id = coalesce(original_ticket_id, ticket_id)
WHERE workspace_id = %(workspace_id)s AND ticket_id = %(ticket_id)s
    AND (%(ids)s::uuid[] IS NULL OR id = ANY(%(ids)s))

-- name: move_session_to_ticket
UPDATE messages SET ticket_id = %(ticket_id)s
WHERE workspace_id = %(workspace_id)s AND session_id = %(session_id)s AND ticket_id IS NULL

-- name: find_thread
-- Knowing an id is not enough: it travels in forwarded mail. The sender must be the ticket's requester, or have
-- written in it, or have been written to. SES gives sent mail a Message-ID of its own: the delivery id, at a domain of
-- the region.
SELECT m.ticket_id
FROM messages m JOIN tickets t ON t.id = m.ticket_id LEFT JOIN users r ON r.id = t.requester_id
WHERE m.workspace_id = %(workspace_id)s AND (m.mail_message_id = ANY(%(mail_ids)s) OR m.delivery_id = ANY(%(delivery_ids)s))
    AND (
        r.email = %(sender)s
        OR EXISTS (
            SELECT FROM messages o LEFT JOIN users u ON u.id = o.author_id
            WHERE o.ticket_id = m.ticket_id AND %(sender)s IN (lower(o.recipient), u.email)
        )
    )
ORDER BY m.id DESC
LIMIT 1

-- name: claim_delivery
UPDATE messages SET delivery = 'sending', delivery_claimed_at = now()
WHERE workspace_id = %(workspace_id)s AND id = %(id)s AND delivery = 'queued'
RETURNING id, session_id, ticket_id, author_kind, author_id, visibility, channel, subject, body, quoted_text, body_html,
    mail_message_id, in_reply_to, mail_references, recipient, delivery, delivery_id, raw_object, created_at, by_rule

-- name: record_delivery
UPDATE messages SET delivery = %(state)s, delivery_id = coalesce(%(delivery_id)s, delivery_id),
    mail_message_id = coalesce(%(mail_message_id)s, mail_message_id)
WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: rescue_deliveries
UPDATE messages SET delivery = 'unknown'
WHERE workspace_id = %(workspace_id)s AND delivery = 'sending' AND delivery_claimed_at < %(older_than)s
RETURNING ticket_id

-- name: add_attachment
INSERT INTO attachments (id, workspace_id, message_id, name, content_type, size, object_key)
VALUES (%(id)s, %(workspace_id)s, %(message_id)s, %(name)s, %(content_type)s, %(size)s, %(object_key)s)

-- name: attachments_of
SELECT id, message_id, name, content_type, size, object_key
FROM attachments
WHERE workspace_id = %(workspace_id)s AND message_id = ANY(%(message_ids)s)
ORDER BY id

-- name: attachment
-- Of a ticket that is deleted, nothing is there.
SELECT a.id, a.message_id, a.name, a.content_type, a.size, a.object_key
FROM attachments a JOIN messages m ON m.id = a.message_id LEFT JOIN tickets t ON t.id = m.ticket_id
WHERE a.workspace_id = %(workspace_id)s AND a.id = %(id)s AND t.deleted_at IS NULL
