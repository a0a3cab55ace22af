-- name: get
SELECT id, role, name, email, created_at FROM users WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: by_email
SELECT id, role, name, email, created_at FROM users WHERE workspace_id = %(workspace_id)s AND email = %(email)s

-- name: password_hash
SELECT password_hash FROM users WHERE workspace_id = %(workspace_id)s AND email = %(email)s AND role <> 'customer'
    AND deactivated_at IS NULL

-- name: list
SELECT id, role, name, email, created_at
FROM users
WHERE workspace_id = %(workspace_id)s AND role = ANY(%(roles)s)
ORDER BY id

-- name: called
SELECT id, role, name, email, created_at
FROM users
WHERE workspace_id = %(workspace_id)s AND role IN ('agent', 'admin') AND deactivated_at IS NULL
    AND ARRAY[email, split_part(email, '@', 1), lower(regexp_replace(name, '\s', '', 'g'))] && %(handles)s::text[]
ORDER BY id

-- name: add_customer
INSERT INTO users (id, workspace_id, role, name, email) VALUES (%(id)s, %(workspace_id)s, 'customer', %(name)s, %(email)s)
ON CONFLICT (workspace_id, email) DO NOTHING

-- name: add
INSERT INTO users (id, workspace_id, role, name, email, password_hash)
VALUES (%(id)s, %(workspace_id)s, %(role)s, %(name)s, %(email)s, %(password_hash)s)
ON CONFLICT (workspace_id, email) DO NOTHING

-- name: list_groups
SELECT g.id, g.name, count(m.user_id)::int AS members
FROM groups g LEFT JOIN group_members m ON m.group_id = g.id
WHERE g.workspace_id = %(workspace_id)s
GROUP BY g.id
ORDER BY g.name

-- name: save_group
INSERT INTO groups (id, workspace_id, name) VALUES (%(id)s, %(workspace_id)s, %(name)s)
ON CONFLICT (workspace_id, name) DO UPDATE SET name = excluded.name
RETURNING id

-- name: add_member
INSERT INTO group_members (workspace_id, group_id, user_id)
SELECT %(workspace_id)s, %(group_id)s, id FROM users WHERE id = %(user_id)s AND role <> 'customer'
ON CONFLICT DO NOTHING

-- name: members_of
SELECT u.id
FROM group_members m JOIN users u ON u.id = m.user_id
WHERE m.workspace_id = %(workspace_id)s AND m.group_id = %(group_id)s AND u.deactivated_at IS NULL
ORDER BY u.id

-- name: notify
INSERT INTO notifications (id, workspace_id, user_id, ticket_id, text, kind, in_app)
VALUES (%(id)s, %(workspace_id)s, %(user_id)s, %(ticket_id)s, %(text)s, %(kind)s, %(in_app)s)

-- name: read_notifications
UPDATE notifications SET read_at = now()
WHERE workspace_id = %(workspace_id)s AND user_id = %(user_id)s AND read_at IS NULL
    AND (%(ids)s::uuid[] IS NULL OR id = ANY(%(ids)s))

-- name: notice_to_mail
SELECT id, user_id, ticket_id, text
FROM notifications
WHERE workspace_id = %(workspace_id)s AND id = %(id)s AND mailed_at IS NULL

-- name: notice_mailed
UPDATE notifications SET mailed_at = now() WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: preferences_of
SELECT user_id, kind, in_app, mail
FROM notification_preferences
WHERE workspace_id = %(workspace_id)s AND user_id = ANY(%(user_ids)s)

-- name: save_preference
INSERT INTO notification_preferences (workspace_id, user_id, kind, in_app, mail)
VALUES (%(workspace_id)s, %(user_id)s, %(kind)s, %(in_app)s, %(mail)s)
ON CONFLICT (user_id, kind) DO UPDATE SET in_app = excluded.in_app, mail = excluded.mail

-- name: notifications_of
SELECT id, ticket_id, kind, text, created_at, read_at
FROM notifications
WHERE workspace_id = %(workspace_id)s AND user_id = %(user_id)s AND in_app AND (%(after)s::uuid IS NULL OR id < %(after)s)
    AND NOT EXISTS (SELECT FROM tickets t WHERE t.id = ticket_id AND t.deleted_at IS NOT NULL)
ORDER BY id DESC
LIMIT %(limit)s

-- name: audit
INSERT INTO audit_entries (id, workspace_id, actor_id, actor, action, subject_kind, subject_id, detail)
VALUES (%(id)s, %(workspace_id)s, NULL, %(actor)s, %(action)s, %(subject_kind)s, %(subject_id)s, %(detail)s)
