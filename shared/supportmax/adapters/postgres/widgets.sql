-- name: add_widget_key
INSERT INTO widget_keys (id, workspace_id, name, key, former_key, former_until, allowed_origins, created_by, last_used_at,
    revoked_at, created_at)
VALUES (%(id)s, %(workspace_id)s, %(name)s, %(key)s, %(former_key)s, %(former_until)s, %(allowed_origins)s,
    %(created_by)s, %(last_used_at)s, %(revoked_at)s, %(created_at)s)

-- name: get_widget_key
SELECT id, name, key, former_key, former_until, allowed_origins, created_by, last_used_at, revoked_at, created_at
FROM widget_keys
WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: list_widget_keys
SELECT id, name, key, former_key, former_until, allowed_origins, created_by, last_used_at, revoked_at, created_at
FROM widget_keys
WHERE workspace_id = %(workspace_id)s AND (%(after)s::uuid IS NULL OR id < %(after)s)
ORDER BY id DESC
LIMIT %(limit)s

-- name: change_widget_key
UPDATE widget_keys SET name = %(name)s, allowed_origins = %(allowed_origins)s
WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: rotate_widget_key
UPDATE widget_keys SET former_key = key, former_until = %(former_until)s, key = %(key)s
WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: revoke_widget_key
UPDATE widget_keys SET revoked_at = now()
WHERE workspace_id = %(workspace_id)s AND id = %(id)s AND revoked_at IS NULL

-- name: note_widget_key_use
UPDATE widget_keys SET last_used_at = now()
WHERE workspace_id = %(workspace_id)s AND id = %(id)s
    AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')

-- name: origin_allowed
SELECT EXISTS (SELECT FROM widget_keys
    WHERE workspace_id = %(workspace_id)s AND revoked_at IS NULL AND allowed_origins && %(patterns)s::text[])

-- name: origin_known
SELECT is_widget_origin(%(patterns)s::text[])
