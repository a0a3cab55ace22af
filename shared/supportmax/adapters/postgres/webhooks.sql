-- name: listeners
SELECT id, event_types FROM webhook_endpoints WHERE workspace_id = %(workspace_id)s AND enabled ORDER BY id

-- name: list_endpoints
SELECT id, url, description, event_types, enabled, disabled_because, secret_generation, previous_secret_until,
    failing_since, paused_until, created_at, updated_at
FROM webhook_endpoints
WHERE workspace_id = %(workspace_id)s AND (%(after)s::uuid IS NULL OR id < %(after)s)
ORDER BY id DESC
LIMIT %(limit)s

-- name: get_endpoint
SELECT id, url, description, event_types, enabled, disabled_because, secret_generation, previous_secret_until,
    failing_since, paused_until, created_at, updated_at
FROM webhook_endpoints
WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: lock_endpoint
SELECT id, url, description, event_types, enabled, disabled_because, secret_generation, previous_secret_until,
    failing_since, paused_until, created_at, updated_at
FROM webhook_endpoints
WHERE workspace_id = %(workspace_id)s AND id = %(id)s
FOR UPDATE

-- name: save_endpoint
INSERT INTO webhook_endpoints (id, workspace_id, url, description, event_types, enabled, disabled_because,
    secret_generation, previous_secret_until, failing_since, paused_until, created_at, updated_at)
VALUES (%(id)s, %(workspace_id)s, %(url)s, %(description)s, %(event_types)s, %(enabled)s, %(disabled_because)s,
    %(secret_generation)s, %(previous_secret_until)s, %(failing_since)s, %(paused_until)s, %(created_at)s,
    %(updated_at)s)
ON CONFLICT (id) DO UPDATE SET
    url = excluded.url, description = excluded.description, event_types = excluded.event_types,
    enabled = excluded.enabled, disabled_because = excluded.disabled_because,
    secret_generation = excluded.secret_generation, previous_secret_until = excluded.previous_secret_until,
    failing_since = excluded.failing_since, paused_until = excluded.paused_until, updated_at = excluded.updated_at

-- name: delete_endpoint
DELETE FROM webhook_endpoints WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: add_delivery
INSERT INTO webhook_deliveries (id, workspace_id, endpoint_id, event_id, event_type, ticket_id, body, state, attempts,
    next_attempt_at, claimed_at, created_at, finished_at)
VALUES (%(id)s, %(workspace_id)s, %(endpoint_id)s, %(event_id)s, %(event_type)s, %(ticket_id)s, %(body)s, %(state)s,
    %(attempts)s, %(next_attempt_at)s, now(), %(created_at)s, %(finished_at)s)

-- name: claim_delivery
-- A message that the queue delivers twice finds another state, or that it is not time yet. Clocks differ a little.
UPDATE webhook_deliveries SET state = 'sending', claimed_at = now(), attempts = attempts + 1
WHERE workspace_id = %(workspace_id)s AND id = %(id)s AND state = 'waiting'
    AND next_attempt_at < now() + interval '5 seconds'
RETURNING id, endpoint_id, event_id, event_type, ticket_id, body, state, attempts, next_attempt_at, created_at,
    finished_at

-- name: record_delivery
UPDATE webhook_deliveries SET state = %(state)s, attempts = %(attempts)s, next_attempt_at = %(next_attempt_at)s,
    finished_at = %(finished_at)s, claimed_at = NULL
WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: add_attempt
INSERT INTO webhook_attempts (id, workspace_id, delivery_id, started_at, duration_ms, status, response, problem)
SELECT %(id)s, %(workspace_id)s, %(delivery_id)s, %(started_at)s, %(duration_ms)s, %(status)s, %(response)s, %(problem)s
WHERE EXISTS (SELECT FROM webhook_deliveries WHERE workspace_id = %(workspace_id)s AND id = %(delivery_id)s)

-- name: due_deliveries
-- claimed_at: when it was last given to the queue.
UPDATE webhook_deliveries SET claimed_at = now()
WHERE id IN (
    SELECT id FROM webhook_deliveries
    WHERE workspace_id = %(workspace_id)s AND state = 'waiting' AND next_attempt_at <= %(until)s
        AND (claimed_at IS NULL OR claimed_at < %(queued_before)s)
    ORDER BY next_attempt_at
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
RETURNING id

-- name: rescue_deliveries
WITH stuck AS (
    UPDATE webhook_deliveries SET state = 'waiting', next_attempt_at = now(), claimed_at = NULL
    WHERE workspace_id = %(workspace_id)s AND state = 'sending' AND claimed_at < %(claimed_before)s
    RETURNING id
)
INSERT INTO webhook_attempts (id, workspace_id, delivery_id, started_at, duration_ms, problem)
SELECT gen_random_uuid(), %(workspace_id)s, id, now(), 0, 'It is unknown whether this attempt arrived.' FROM stuck

-- name: prune_deliveries
DELETE FROM webhook_deliveries WHERE workspace_id = %(workspace_id)s AND finished_at < %(finished_before)s

-- name: deliveries_of_endpoint
SELECT id, endpoint_id, event_id, event_type, ticket_id, body, state, attempts, next_attempt_at, created_at, finished_at
FROM webhook_deliveries
WHERE workspace_id = %(workspace_id)s AND endpoint_id = %(endpoint_id)s AND (%(after)s::uuid IS NULL OR id < %(after)s)
ORDER BY id DESC
LIMIT %(limit)s

-- name: get_delivery
SELECT id, endpoint_id, event_id, event_type, ticket_id, body, state, attempts, next_attempt_at, created_at, finished_at
FROM webhook_deliveries
WHERE workspace_id = %(workspace_id)s AND endpoint_id = %(endpoint_id)s AND id = %(id)s

-- name: attempts_of_delivery
SELECT id, delivery_id, started_at, duration_ms, status, response, problem
FROM webhook_attempts
WHERE workspace_id = %(workspace_id)s AND delivery_id = %(delivery_id)s
ORDER BY started_at, id
