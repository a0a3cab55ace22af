-- name: get_factor
SELECT secret, confirmed_at, last_step
FROM second_factors
WHERE workspace_id = %(workspace_id)s AND user_id = %(user_id)s
FOR UPDATE

-- name: put_factor
INSERT INTO second_factors (workspace_id, user_id, secret) VALUES (%(workspace_id)s, %(user_id)s, %(secret)s)
ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, last_step = 0, created_at = now()
WHERE second_factors.confirmed_at IS NULL

-- name: confirm_factor
UPDATE second_factors SET confirmed_at = now(), last_step = %(step)s
WHERE workspace_id = %(workspace_id)s AND user_id = %(user_id)s

-- name: note_step
UPDATE second_factors SET last_step = %(step)s WHERE workspace_id = %(workspace_id)s AND user_id = %(user_id)s

-- name: remove_factor
DELETE FROM second_factors WHERE workspace_id = %(workspace_id)s AND user_id = %(user_id)s

-- name: add_code
INSERT INTO recovery_codes (id, workspace_id, user_id, code_hash)
VALUES (%(id)s, %(workspace_id)s, %(user_id)s, %(code_hash)s)

-- name: use_code
UPDATE recovery_codes SET used_at = now()
WHERE workspace_id = %(workspace_id)s AND user_id = %(user_id)s AND code_hash = %(code_hash)s AND used_at IS NULL

-- name: codes_left
SELECT count(*) FROM recovery_codes
WHERE workspace_id = %(workspace_id)s AND user_id = %(user_id)s AND used_at IS NULL

-- name: remove_codes
DELETE FROM recovery_codes WHERE workspace_id = %(workspace_id)s AND user_id = %(user_id)s

-- name: save_provider
INSERT INTO identity_providers (id, workspace_id, name, issuer, client_id, client_secret, redirect_uris,
    email_domains, joins_as, enabled, created_at)
VALUES (%(id)s, %(workspace_id)s, %(name)s, %(issuer)s, %(client_id)s, %(client_secret)s, %(redirect_uris)s,
    %(email_domains)s, %(joins_as)s, %(enabled)s, %(created_at)s)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, issuer = excluded.issuer, client_id = excluded.client_id,
    client_secret = excluded.client_secret, redirect_uris = excluded.redirect_uris,
    email_domains = excluded.email_domains, joins_as = excluded.joins_as, enabled = excluded.enabled

-- name: provider_named
SELECT id FROM identity_providers WHERE workspace_id = %(workspace_id)s AND name = %(name)s

-- name: get_provider
SELECT id, name, issuer, client_id, client_secret, redirect_uris, email_domains, joins_as, enabled, created_at
FROM identity_providers
WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: list_providers
SELECT id, name, issuer, client_id, client_secret, redirect_uris, email_domains, joins_as, enabled, created_at
FROM identity_providers
WHERE workspace_id = %(workspace_id)s
ORDER BY name
LIMIT 100

-- name: delete_provider
DELETE FROM identity_providers WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: add_attempt
INSERT INTO oidc_attempts (state_hash, workspace_id, provider_id, browser_hash, nonce, verifier, redirect_uri,
    expires_at)
VALUES (%(state_hash)s, %(workspace_id)s, %(provider_id)s, %(browser_hash)s, %(nonce)s, %(verifier)s,
    %(redirect_uri)s, %(expires_at)s)

-- name: take_attempt
DELETE FROM oidc_attempts
WHERE workspace_id = %(workspace_id)s AND state_hash = %(state_hash)s AND expires_at > now()
RETURNING state_hash, browser_hash, provider_id, nonce, verifier, redirect_uri, expires_at

-- name: prune_attempts
DELETE FROM oidc_attempts WHERE workspace_id = %(workspace_id)s AND expires_at < %(before)s

-- name: user_of
SELECT user_id FROM user_identities
WHERE workspace_id = %(workspace_id)s AND provider_id = %(provider_id)s AND subject = %(subject)s

-- name: link
INSERT INTO user_identities (workspace_id, provider_id, subject, user_id)
VALUES (%(workspace_id)s, %(provider_id)s, %(subject)s, %(user_id)s)
ON CONFLICT (provider_id, subject) DO NOTHING
