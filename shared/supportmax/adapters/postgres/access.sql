-- name: caller_of_token
SELECT u.id, u.role, u.name, u.email, u.created_at
FROM users u
WHERE u.workspace_id = %(workspace_id)s AND u.id = %(user_id)s AND u.deactivated_at IS NULL
    AND (%(session_id)s::uuid IS NULL OR EXISTS (
        SELECT FROM login_sessions s
        WHERE s.id = %(session_id)s AND s.user_id = u.id AND s.revoked_at IS NULL AND s.expires_at > now()))

-- name: caller_of_key
SELECT u.id, u.role, u.name, u.email, u.created_at, k.secret_hash, k.scopes
FROM api_keys k JOIN users u ON u.id = k.user_id
WHERE k.workspace_id = %(workspace_id)s AND k.id = %(key_id)s AND k.revoked_at IS NULL
    AND (k.expires_at IS NULL OR k.expires_at > now()) AND u.deactivated_at IS NULL

-- name: note_key_use
UPDATE api_keys SET last_used_at = now()
WHERE workspace_id = %(workspace_id)s AND id = %(key_id)s
    AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')

-- name: open_session
INSERT INTO login_sessions (id, workspace_id, user_id, method, address, user_agent, expires_at)
VALUES (%(id)s, %(workspace_id)s, %(user_id)s, %(method)s, %(address)s, %(user_agent)s, %(expires_at)s)

-- name: lock_session
SELECT s.id, s.user_id, s.method, s.address, s.user_agent, s.generation, s.refreshed_at, s.expires_at, s.created_at
FROM login_sessions s JOIN users u ON u.id = s.user_id
WHERE s.workspace_id = %(workspace_id)s AND s.id = %(id)s AND s.revoked_at IS NULL AND s.expires_at > now()
    AND u.deactivated_at IS NULL
FOR UPDATE OF s

-- name: advance_session
UPDATE login_sessions SET generation = generation + 1, refreshed_at = now()
WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: sessions_alive
SELECT id, user_id, method, address, user_agent, generation, refreshed_at, expires_at, created_at
FROM login_sessions
WHERE workspace_id = %(workspace_id)s AND user_id = %(user_id)s AND revoked_at IS NULL AND expires_at > now()
ORDER BY id DESC

-- name: end_session
UPDATE login_sessions SET revoked_at = now()
WHERE workspace_id = %(workspace_id)s AND user_id = %(user_id)s AND id = %(id)s AND revoked_at IS NULL
    AND expires_at > now()

-- name: end_sessions
UPDATE login_sessions SET revoked_at = now()
WHERE workspace_id = %(workspace_id)s AND user_id = %(user_id)s AND revoked_at IS NULL
    AND (%(but)s::uuid IS NULL OR id <> %(but)s)

-- name: add_key
INSERT INTO api_keys (id, workspace_id, user_id, name, hint, secret_hash, scopes, created_by, expires_at, created_at)
VALUES (%(id)s, %(workspace_id)s, %(user_id)s, %(name)s, %(hint)s, %(secret_hash)s, %(scopes)s, %(created_by)s,
    %(expires_at)s, %(created_at)s)

-- name: get_key
SELECT id, user_id, name, hint, scopes, created_by, expires_at, revoked_at, last_used_at, created_at
FROM api_keys
WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: list_keys
SELECT id, user_id, name, hint, scopes, created_by, expires_at, revoked_at, last_used_at, created_at
FROM api_keys
WHERE workspace_id = %(workspace_id)s AND (%(after)s::uuid IS NULL OR id < %(after)s)
ORDER BY id DESC
LIMIT %(limit)s

-- name: revoke_key
UPDATE api_keys SET revoked_at = now() WHERE workspace_id = %(workspace_id)s AND id = %(id)s AND revoked_at IS NULL

-- name: count_tries
-- In the order of the names, so that two who try at once wait for each other and not in a circle.
INSERT INTO sign_in_attempts AS a (workspace_id, name, tries, window_started_at)
SELECT %(workspace_id)s, name, 1, now() FROM unnest(%(names)s::text[]) AS name ORDER BY name
ON CONFLICT (workspace_id, name) DO UPDATE SET
    tries = CASE WHEN a.window_started_at > now() - %(window)s::interval THEN a.tries + 1 ELSE 1 END,
    window_started_at = CASE WHEN a.window_started_at > now() - %(window)s::interval THEN a.window_started_at ELSE now() END
RETURNING name, tries AS count,
    ceil(extract(epoch FROM window_started_at + %(window)s::interval - now()))::int AS seconds_left

-- name: forget_tries
DELETE FROM sign_in_attempts WHERE workspace_id = %(workspace_id)s AND name LIKE ANY(%(names)s)

-- name: take_back_tries
UPDATE sign_in_attempts SET tries = greatest(tries - 1, 0)
WHERE workspace_id = %(workspace_id)s AND name = ANY(%(names)s)

-- name: prune_tries
DELETE FROM sign_in_attempts WHERE workspace_id = %(workspace_id)s AND window_started_at < now() - interval '1 day'

-- name: knows_address
SELECT 1 FROM known_addresses
WHERE workspace_id = %(workspace_id)s AND user_id = %(user_id)s AND address_hash = %(address_hash)s
    AND seen_at > %(since)s

-- name: remember_address
INSERT INTO known_addresses (workspace_id, user_id, address_hash)
VALUES (%(workspace_id)s, %(user_id)s, %(address_hash)s)
ON CONFLICT (user_id, address_hash) DO UPDATE SET seen_at = now()

-- name: get_account
SELECT u.id, u.role, u.name, u.email, u.created_at, u.deactivated_at, u.password_hash IS NOT NULL AS has_password,
    EXISTS (SELECT FROM second_factors f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL) AS has_second_factor
FROM users u
WHERE u.workspace_id = %(workspace_id)s AND u.id = %(id)s

-- name: account_by_email
SELECT u.id, u.role, u.name, u.email, u.created_at, u.deactivated_at, u.password_hash IS NOT NULL AS has_password,
    EXISTS (SELECT FROM second_factors f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL) AS has_second_factor
FROM users u
WHERE u.workspace_id = %(workspace_id)s AND u.email = %(email)s

-- name: list_accounts
SELECT u.id, u.role, u.name, u.email, u.created_at, u.deactivated_at, u.password_hash IS NOT NULL AS has_password,
    EXISTS (SELECT FROM second_factors f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL) AS has_second_factor
FROM users u
WHERE u.workspace_id = %(workspace_id)s AND (%(role)s::text IS NULL OR u.role = %(role)s)
    AND (%(after)s::uuid IS NULL OR u.id > %(after)s)
ORDER BY u.id
LIMIT %(limit)s

-- name: change_account
UPDATE users SET name = %(name)s, role = %(role)s, updated_at = now(),
    deactivated_at = CASE WHEN %(active)s THEN NULL ELSE coalesce(deactivated_at, now()) END
WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: set_password
UPDATE users SET password_hash = %(password_hash)s, updated_at = now()
WHERE workspace_id = %(workspace_id)s AND id = %(id)s AND role <> 'customer'

-- name: lock_administrators
SELECT u.id
FROM users u
WHERE u.workspace_id = %(workspace_id)s AND u.role = 'admin' AND u.deactivated_at IS NULL
    AND (u.password_hash IS NOT NULL OR EXISTS (SELECT FROM user_identities i WHERE i.user_id = u.id))
ORDER BY u.id
FOR UPDATE

-- name: add_link
INSERT INTO account_links (id, workspace_id, user_id, purpose, expires_at)
VALUES (%(id)s, %(workspace_id)s, %(user_id)s, %(purpose)s, %(expires_at)s)

-- name: get_link
SELECT id, user_id, purpose, expires_at, mailed_at, used_at
FROM account_links
WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: use_link
UPDATE account_links SET used_at = now()
WHERE workspace_id = %(workspace_id)s AND id = %(id)s AND used_at IS NULL AND expires_at > now()

-- name: void_links
UPDATE account_links SET used_at = now()
WHERE workspace_id = %(workspace_id)s AND user_id = %(user_id)s AND used_at IS NULL

-- name: mailed_link
UPDATE account_links SET mailed_at = now() WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: audit_entries
SELECT id, actor, action, subject_kind, subject_id, detail, created_at
FROM audit_entries
WHERE workspace_id = %(workspace_id)s AND (%(after)s::uuid IS NULL OR id < %(after)s)
    AND (%(actor)s::text IS NULL OR actor = %(actor)s) AND (%(action)s::text IS NULL OR action = %(action)s)
    AND (%(subject_kind)s::text IS NULL OR subject_kind = %(subject_kind)s)
    AND (%(subject_id)s::uuid IS NULL OR subject_id = %(subject_id)s)
    AND (%(since)s::timestamptz IS NULL OR created_at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR created_at < %(until)s)
ORDER BY id DESC
LIMIT %(limit)s
