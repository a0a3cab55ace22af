-- name: add_visitor_key
INSERT INTO visitor_keys (id, workspace_id, kid, algorithm, secret, public_key, created_by, last_used_at, revoked_at,
    created_at)
VALUES (%(id)s, %(workspace_id)s, %(kid)s, %(algorithm)s, %(secret)s, %(public_key)s, %(created_by)s, %(last_used_at)s,
    %(revoked_at)s, %(created_at)s)
ON CONFLICT (workspace_id, kid) DO NOTHING

-- name: get_visitor_key
SELECT id, kid, algorithm, secret, public_key, created_by, last_used_at, revoked_at, created_at
FROM visitor_keys
WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: active_visitor_key
SELECT id, kid, algorithm, secret, public_key, created_by, last_used_at, revoked_at, created_at
FROM visitor_keys
WHERE workspace_id = %(workspace_id)s AND kid = %(kid)s AND revoked_at IS NULL

-- name: list_visitor_keys
SELECT id, kid, algorithm, secret, public_key, created_by, last_used_at, revoked_at, created_at
FROM visitor_keys
WHERE workspace_id = %(workspace_id)s AND (%(after)s::uuid IS NULL OR id < %(after)s)
ORDER BY id DESC
LIMIT %(limit)s

-- name: revoke_visitor_key
UPDATE visitor_keys SET revoked_at = now()
WHERE workspace_id = %(workspace_id)s AND id = %(id)s AND revoked_at IS NULL

-- name: note_visitor_key_use
UPDATE visitor_keys SET last_used_at = now()
WHERE workspace_id = %(workspace_id)s AND id = %(id)s
    AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')

-- name: lock_subject
-- Of two first visits at once, one makes the customer.
SELECT pg_advisory_xact_lock(hashtextextended(%(workspace_id)s::text || %(subject)s, 0))

-- name: user_of_subject
SELECT user_id FROM visitor_identities WHERE workspace_id = %(workspace_id)s AND subject = %(subject)s

-- name: link_subject
INSERT INTO visitor_identities (workspace_id, subject, user_id)
VALUES (%(workspace_id)s, %(subject)s, %(user_id)s)

-- name: subject_of
SELECT subject FROM visitor_identities WHERE workspace_id = %(workspace_id)s AND user_id = %(user_id)s

-- name: add_nameless_customer
INSERT INTO users (id, workspace_id, role, name) VALUES (%(id)s, %(workspace_id)s, 'customer', %(name)s)
