-- name: waiting
SELECT queue, count(*)::int AS waiting, max(attempts) AS most_attempts, min(occurred_at) AS oldest
FROM outbox
WHERE workspace_id = %(workspace_id)s AND published_at IS NULL
GROUP BY queue
ORDER BY queue

-- name: oldest
SELECT id, type, queue, occurred_at, attempts
FROM outbox
WHERE workspace_id = %(workspace_id)s AND published_at IS NULL
ORDER BY id
LIMIT %(limit)s
