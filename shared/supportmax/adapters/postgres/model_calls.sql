-- name: lock_day
-- The row of today, made if need be and locked: reservations of one workspace queue up here for microseconds.
INSERT INTO budget_days (workspace_id, day) VALUES (%(workspace_id)s, %(day)s)
ON CONFLICT (workspace_id, day) DO UPDATE SET day = excluded.day
RETURNING spent_microusd, reserved_microusd,
    (SELECT coalesce(daily_budget_microusd, %(default_budget)s) FROM workspaces WHERE id = %(workspace_id)s)
        AS budget_microusd

-- name: day
SELECT coalesce(d.spent_microusd, 0) AS spent_microusd, coalesce(d.reserved_microusd, 0) AS reserved_microusd,
    coalesce(w.daily_budget_microusd, %(default_budget)s) AS budget_microusd
FROM workspaces w LEFT JOIN budget_days d ON d.workspace_id = w.id AND d.day = %(day)s
WHERE w.id = %(workspace_id)s

-- name: reserve
UPDATE budget_days SET reserved_microusd = reserved_microusd + %(amount)s
WHERE workspace_id = %(workspace_id)s AND day = %(day)s

-- name: settle
UPDATE budget_days SET reserved_microusd = reserved_microusd - %(reserved)s, spent_microusd = spent_microusd + %(spent)s
WHERE workspace_id = %(workspace_id)s AND day = %(day)s

-- name: warn_once
UPDATE budget_days SET warned_at = now()
WHERE workspace_id = %(workspace_id)s AND day = %(day)s AND warned_at IS NULL

-- name: calls_of_session
SELECT count(*) FROM model_calls
WHERE workspace_id = %(workspace_id)s AND session_id = %(session_id)s AND created_at >= %(since)s

-- name: calls_of_requester
SELECT count(*) FROM model_calls
WHERE workspace_id = %(workspace_id)s AND requester_id = %(requester_id)s AND created_at >= %(since)s

-- name: save_call
INSERT INTO model_calls (id, workspace_id, turn_id, session_id, requester_id, purpose, provider, model, outcome,
    input_tokens, cached_tokens, output_tokens, cost_microusd, latency_ms, created_at, detail)
VALUES (%(id)s, %(workspace_id)s, %(turn_id)s, %(session_id)s, %(requester_id)s, %(purpose)s, %(provider)s, %(model)s,
    %(outcome)s, %(input_tokens)s, %(cached_tokens)s, %(output_tokens)s, %(cost_microusd)s, %(latency_ms)s,
    %(created_at)s, %(detail)s)
ON CONFLICT (id) DO UPDATE SET outcome = excluded.outcome, input_tokens = excluded.input_tokens,
    cached_tokens = excluded.cached_tokens, output_tokens = excluded.output_tokens,
    cost_microusd = excluded.cost_microusd, latency_ms = excluded.latency_ms, detail = excluded.detail

-- name: calls
SELECT id, turn_id, session_id, requester_id, purpose, provider, model, outcome, input_tokens, cached_tokens,
    output_tokens, cost_microusd, latency_ms, created_at, detail
FROM model_calls
WHERE workspace_id = %(workspace_id)s AND (%(after)s::uuid IS NULL OR id < %(after)s)
ORDER BY id DESC
LIMIT %(limit)s

-- name: calls_of_turn
SELECT id, turn_id, session_id, requester_id, purpose, provider, model, outcome, input_tokens, cached_tokens,
    output_tokens, cost_microusd, latency_ms, created_at, detail
FROM model_calls
WHERE workspace_id = %(workspace_id)s AND turn_id = %(turn_id)s
ORDER BY id

-- name: breaker
SELECT failures, opened_at FROM circuit_breakers WHERE workspace_id = %(workspace_id)s AND provider = %(provider)s

-- name: probe
-- One caller in a while may try a provider that was down.
UPDATE circuit_breakers SET probed_at = %(now)s
WHERE workspace_id = %(workspace_id)s AND provider = %(provider)s
    AND greatest(opened_at, probed_at) <= %(now)s::timestamptz - %(rest)s::interval

-- name: note_failure
INSERT INTO circuit_breakers (workspace_id, provider, failures) VALUES (%(workspace_id)s, %(provider)s, 1)
ON CONFLICT (workspace_id, provider) DO UPDATE SET failures = circuit_breakers.failures + 1,
    opened_at = CASE WHEN circuit_breakers.failures + 1 >= %(most)s THEN %(now)s ELSE circuit_breakers.opened_at END

-- name: note_success
UPDATE circuit_breakers SET failures = 0, opened_at = NULL, probed_at = NULL
WHERE workspace_id = %(workspace_id)s AND provider = %(provider)s AND failures > 0

-- name: tell_once
UPDATE circuit_breakers SET told_at = %(now)s
WHERE workspace_id = %(workspace_id)s AND provider = %(provider)s AND (opened_at IS NOT NULL OR %(though_closed)s)
    AND (told_at IS NULL OR told_at <= %(now)s::timestamptz - %(pause)s::interval)

-- name: uses
SELECT purpose, provider, model, count(*) AS calls,
    count(*) FILTER (WHERE outcome NOT IN ('ok', 'under_way')) AS failed,
    sum(input_tokens) AS input_tokens, sum(cached_tokens) AS cached_tokens, sum(output_tokens) AS output_tokens,
    sum(cost_microusd)::bigint AS cost_microusd
FROM model_calls
WHERE workspace_id = %(workspace_id)s AND created_at >= %(day)s::date::timestamp AT TIME ZONE 'UTC'
    AND created_at < (%(day)s::date + 1)::timestamp AT TIME ZONE 'UTC'
GROUP BY purpose, provider, model
ORDER BY sum(cost_microusd) DESC, purpose, model
