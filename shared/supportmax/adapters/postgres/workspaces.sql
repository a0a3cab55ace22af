-- name: enter
SELECT set_config('supportmax.workspace', %(workspace_id)s::text, true)

-- name: enter_without_waiting
-- The next commit that waits for the disk takes this one along.
SELECT set_config('supportmax.workspace', %(workspace_id)s::text, true), set_config('synchronous_commit', 'off', true)

-- name: find
SELECT find_workspace(%(slug)s, %(widget_key)s)

-- name: all
SELECT all_workspaces()

-- name: create
INSERT INTO workspaces (id, slug, name, widget_key) VALUES (%(workspace_id)s, %(slug)s, %(name)s, %(widget_key)s)
ON CONFLICT (slug) DO NOTHING

-- name: change
UPDATE workspaces SET name = %(name)s, widget_key = %(widget_key)s, time_zone = %(time_zone)s
WHERE id = %(workspace_id)s

-- name: get
SELECT id, slug, name, widget_key, time_zone FROM workspaces WHERE id = %(workspace_id)s

-- name: counted_until
-- Before this the log is in the figures by quarter hours.
SELECT date_bin('15 minutes', reached, '2000-01-01Z') FROM sync_watermarks
WHERE workspace_id = %(workspace_id)s AND name = 'metrics'

-- name: counts
-- What was counted already, and what came since: the work does not grow with the desk.
WITH known AS (
    SELECT coalesce(sum(count) FILTER (WHERE metric = 'sessions'), 0)::bigint AS sessions,
        coalesce(sum(count) FILTER (WHERE metric = 'messages'), 0)::bigint AS messages,
        coalesce(sum(count) FILTER (WHERE metric = 'turns'), 0)::bigint AS turns,
        coalesce(sum(count) FILTER (WHERE metric = 'turns' AND label = 'answer'), 0)::bigint AS answered,
        coalesce(sum(count) FILTER (WHERE metric = 'turns' AND label = 'clarify'), 0)::bigint AS clarified,
        coalesce(sum(count) FILTER (WHERE metric = 'turns' AND label = 'hand_over'), 0)::bigint AS handed_over
    FROM metric_slots
    WHERE workspace_id = %(workspace_id)s AND metric IN ('sessions', 'messages', 'turns') AND slot < %(since)s
), new_turns AS (
    SELECT count(*) AS turns, count(*) FILTER (WHERE action = 'answer') AS answered,
        count(*) FILTER (WHERE action = 'clarify') AS clarified,
        count(*) FILTER (WHERE action = 'hand_over') AS handed_over
    FROM turns WHERE workspace_id = %(workspace_id)s AND created_at >= %(since)s
), latest AS (
    SELECT latency_ms FROM turns WHERE workspace_id = %(workspace_id)s ORDER BY id DESC LIMIT 1000
)
SELECT
    (SELECT last_ticket_number FROM workspaces WHERE id = %(workspace_id)s)
        - (SELECT count(*) FROM tickets WHERE workspace_id = %(workspace_id)s AND deleted_at IS NOT NULL) AS tickets,
    (SELECT count(*) FROM tickets
        WHERE workspace_id = %(workspace_id)s AND status IN ('new', 'open', 'pending') AND deleted_at IS NULL)
        AS unsolved_tickets,
    k.sessions + (SELECT count(*) FROM sessions WHERE workspace_id = %(workspace_id)s AND created_at >= %(since)s)
        AS sessions,
    k.messages + (SELECT count(*) FROM messages WHERE workspace_id = %(workspace_id)s AND created_at >= %(since)s)
        AS messages,
    (SELECT count(*) FROM articles WHERE workspace_id = %(workspace_id)s AND status = 'published') AS articles,
    k.turns + n.turns AS turns, k.answered + n.answered AS answered, k.clarified + n.clarified AS clarified,
    k.handed_over + n.handed_over AS handed_over,
    (SELECT coalesce(round(percentile_cont(0.5) WITHIN GROUP (ORDER BY latency_ms)::numeric, 1), 0)::float8 FROM latest)
        AS p50_latency_ms,
    (SELECT count(*) FROM outbox WHERE workspace_id = %(workspace_id)s AND published_at IS NULL) AS outbox_waiting,
    (SELECT coalesce(extract(epoch FROM now() - min(occurred_at)), 0)::integer FROM outbox
        WHERE workspace_id = %(workspace_id)s AND published_at IS NULL) AS outbox_oldest_seconds,
    (SELECT count(*) FROM inbound_mails
        WHERE workspace_id = %(workspace_id)s AND outcome IN ('suspended', 'quarantined')) AS held_mails
FROM known k, new_turns n

-- name: schema_version
SELECT max(migration_id) FROM _yoyo_migration
