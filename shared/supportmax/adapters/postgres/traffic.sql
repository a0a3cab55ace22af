-- name: count_request
INSERT INTO rate_limits AS r (workspace_id, caller, requests, window_started_at)
VALUES (%(workspace_id)s, %(caller)s, 1, now())
ON CONFLICT (workspace_id, caller) DO UPDATE SET
    requests = CASE WHEN r.window_started_at > now() - %(window)s::interval THEN r.requests + 1 ELSE 1 END,
    window_started_at = CASE WHEN r.window_started_at > now() - %(window)s::interval THEN r.window_started_at ELSE now() END
RETURNING requests AS count, ceil(extract(epoch FROM window_started_at + %(window)s::interval - now()))::int AS seconds_left

-- name: prune_requests
DELETE FROM rate_limits WHERE workspace_id = %(workspace_id)s AND window_started_at < now() - %(older_than)s::interval

-- name: claim
-- A request that was claimed long ago and never answered died with its server: the next one takes its place. So does
-- one whose key has been kept for its time.
INSERT INTO idempotency_keys AS k (workspace_id, caller, key, fingerprint)
VALUES (%(workspace_id)s, %(caller)s, %(key)s, %(fingerprint)s)
ON CONFLICT (workspace_id, caller, key) DO UPDATE SET
    fingerprint = excluded.fingerprint, status = NULL, content_type = NULL, body = NULL, claimed_at = now()
WHERE (k.status IS NULL AND k.fingerprint = excluded.fingerprint AND k.claimed_at < now() - %(abandoned_after)s::interval)
    OR k.claimed_at < now() - interval '24 hours'

-- name: kept
SELECT fingerprint, status, content_type, body
FROM idempotency_keys
WHERE workspace_id = %(workspace_id)s AND caller = %(caller)s AND key = %(key)s

-- name: keep
UPDATE idempotency_keys SET status = %(status)s, content_type = %(content_type)s, body = %(body)s
WHERE workspace_id = %(workspace_id)s AND caller = %(caller)s AND key = %(key)s

-- name: release
DELETE FROM idempotency_keys
WHERE workspace_id = %(workspace_id)s AND caller = %(caller)s AND key = %(key)s AND status IS NULL

-- name: prune_keys
DELETE FROM idempotency_keys WHERE workspace_id = %(workspace_id)s AND claimed_at < now() - %(older_than)s::interval
