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

-- name: counts
SELECT
    (SELECT count(*) FROM tickets WHERE deleted_at IS NULL) AS tickets,
    (SELECT count(*) FROM tickets WHERE status IN ('new', 'open', 'pending') AND deleted_at IS NULL) AS unsolved_tickets,
    (SELECT count(*) FROM sessions) AS sessions,
    (SELECT count(*) FROM messages) AS messages,
    (SELECT count(*) FROM articles WHERE status = 'published') AS articles,
    (SELECT count(*) FROM turns) AS turns,
    (SELECT count(*) FROM turns WHERE action = 'answer') AS answered,
    (SELECT count(*) FROM turns WHERE action = 'clarify') AS clarified,
    (SELECT count(*) FROM turns WHERE action = 'hand_over') AS handed_over,
    (SELECT coalesce(round(percentile_cont(0.5) WITHIN GROUP (ORDER BY latency_ms)::numeric, 1), 0)::float8 FROM turns)
        AS p50_latency_ms,
    (SELECT count(*) FROM outbox WHERE published_at IS NULL) AS outbox_waiting,
    (SELECT count(*) FROM inbound_mails WHERE outcome IN ('suspended', 'quarantined')) AS held_mails

-- name: schema_version
SELECT max(migration_id) FROM _yoyo_migration
