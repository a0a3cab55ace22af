-- name: begun
SELECT least(
    (SELECT min(created_at) FROM ticket_events WHERE workspace_id = %(workspace_id)s),
    (SELECT min(created_at) FROM turns WHERE workspace_id = %(workspace_id)s),
    (SELECT min(created_at) FROM escalations WHERE workspace_id = %(workspace_id)s),
    (SELECT min(created_at) FROM model_calls WHERE workspace_id = %(workspace_id)s),
    (SELECT created_at FROM sessions WHERE workspace_id = %(workspace_id)s ORDER BY id LIMIT 1),
    (SELECT created_at FROM messages WHERE workspace_id = %(workspace_id)s ORDER BY id LIMIT 1)
)

-- name: one_at_a_time
SELECT pg_advisory_xact_lock(hashtextextended('metrics ' || %(workspace_id)s::text, 0))

-- name: clear
DELETE FROM metric_slots
WHERE workspace_id = %(workspace_id)s AND metric = ANY(%(metrics)s) AND slot >= %(start)s AND slot < %(end)s

-- name: volume
-- Every ticket that was opened, whatever became of it.
INSERT INTO metric_slots (workspace_id, metric, slot, label, count)
SELECT %(workspace_id)s, 'volume', date_bin('15 minutes', created_at, '2000-01-01Z'), changes #>> '{channel,to}', count(*)
FROM ticket_events
WHERE workspace_id = %(workspace_id)s AND created_at >= %(start)s AND created_at < %(end)s AND kind = 'created'
GROUP BY 3, 4

-- name: first_response
-- When a ticket takes in another one it may take over its first response, too: that one was counted before.
INSERT INTO metric_slots (workspace_id, metric, slot, label, count, total, seconds)
SELECT %(workspace_id)s, 'first_response', slot, channel, count(*), sum(seconds), array_agg(seconds ORDER BY seconds)
FROM (
    SELECT date_bin('15 minutes', e.created_at, '2000-01-01Z') AS slot, t.channel,
        extract(epoch FROM e.created_at - t.created_at)::integer AS seconds
    FROM ticket_events e JOIN tickets t ON t.id = e.ticket_id
    WHERE e.workspace_id = %(workspace_id)s AND e.created_at >= %(start)s AND e.created_at < %(end)s
        AND e.changes #> '{first_response_at,from}' = 'null'
        AND (e.changes #>> '{first_response_at,to}')::timestamptz > e.created_at - interval '1 minute'
) responses
GROUP BY slot, channel

-- name: resolution_time
-- The first time that a ticket is solved, or closed without. Not by being merged, nor as spam.
INSERT INTO metric_slots (workspace_id, metric, slot, label, count, total, seconds)
SELECT %(workspace_id)s, 'resolution_time', slot, channel, count(*), sum(seconds), array_agg(seconds ORDER BY seconds)
FROM (
    SELECT date_bin('15 minutes', e.created_at, '2000-01-01Z') AS slot, t.channel,
        extract(epoch FROM e.created_at - t.created_at)::integer AS seconds
    FROM ticket_events e JOIN tickets t ON t.id = e.ticket_id
    WHERE e.workspace_id = %(workspace_id)s AND e.created_at >= %(start)s AND e.created_at < %(end)s
        AND e.changes #>> '{status,to}' IN ('solved', 'closed') AND e.kind <> 'merged'
        AND coalesce(e.changes #> '{tags,to}' ? 'spam', false) IS FALSE
        AND NOT EXISTS (
            SELECT FROM ticket_events b
            WHERE b.ticket_id = e.ticket_id AND b.id < e.id AND b.changes #>> '{status,to}' IN ('solved', 'closed')
        )
) resolutions
GROUP BY slot, channel

-- name: hand_overs
-- By reason. What names a ticket is the same reason for every ticket.
INSERT INTO metric_slots (workspace_id, metric, slot, label, count)
SELECT %(workspace_id)s, 'hand_overs', date_bin('15 minutes', created_at, '2000-01-01Z'),
    left(regexp_replace(reason, '#[0-9]+', '#…', 'g'), 120), count(*)
FROM escalations
WHERE workspace_id = %(workspace_id)s AND created_at >= %(start)s AND created_at < %(end)s
GROUP BY 3, 4

-- name: cost
-- Of language models, in micro-dollars, by what they were asked for.
INSERT INTO metric_slots (workspace_id, metric, slot, label, count, total)
SELECT %(workspace_id)s, 'cost', date_bin('15 minutes', created_at, '2000-01-01Z'), purpose, count(*), sum(cost_microusd)
FROM model_calls
WHERE workspace_id = %(workspace_id)s AND created_at >= %(start)s AND created_at < %(end)s
GROUP BY 3, 4

-- name: sessions
INSERT INTO metric_slots (workspace_id, metric, slot, label, count)
SELECT %(workspace_id)s, 'sessions', date_bin('15 minutes', created_at, '2000-01-01Z'), 'chat', count(*)
FROM sessions
WHERE workspace_id = %(workspace_id)s AND created_at >= %(start)s AND created_at < %(end)s
GROUP BY 3

-- name: messages
INSERT INTO metric_slots (workspace_id, metric, slot, label, count)
SELECT %(workspace_id)s, 'messages', date_bin('15 minutes', created_at, '2000-01-01Z'), author_kind, count(*)
FROM messages
WHERE workspace_id = %(workspace_id)s AND created_at >= %(start)s AND created_at < %(end)s
GROUP BY 3, 4

-- name: turns
INSERT INTO metric_slots (workspace_id, metric, slot, label, count)
SELECT %(workspace_id)s, 'turns', date_bin('15 minutes', created_at, '2000-01-01Z'), action, count(*)
FROM turns
WHERE workspace_id = %(workspace_id)s AND created_at >= %(start)s AND created_at < %(end)s
GROUP BY 3, 4

-- name: sla
-- Promises, by what was promised and whether it was kept.
INSERT INTO metric_slots (workspace_id, metric, slot, label, count)
SELECT %(workspace_id)s, 'sla', date_bin('15 minutes', created_at, '2000-01-01Z'),
    (changes #>> '{sla,to,metric}') || CASE kind WHEN 'sla_met' THEN '_met' ELSE '_breached' END, count(*)
FROM ticket_events
WHERE workspace_id = %(workspace_id)s AND created_at >= %(start)s AND created_at < %(end)s
    AND kind IN ('sla_met', 'sla_breached')
GROUP BY 3, 4

-- name: satisfaction
-- First answers of customers, by what they say now.
INSERT INTO metric_slots (workspace_id, metric, slot, label, count)
SELECT %(workspace_id)s, 'satisfaction', date_bin('15 minutes', e.created_at, '2000-01-01Z'), latest.score, count(*)
FROM ticket_events e CROSS JOIN LATERAL (
    SELECT l.changes #>> '{satisfaction,to}' AS score FROM ticket_events l
    WHERE l.ticket_id = e.ticket_id AND l.kind = 'rated' ORDER BY l.id DESC LIMIT 1
) latest
WHERE e.workspace_id = %(workspace_id)s AND e.created_at >= %(start)s AND e.created_at < %(end)s
    AND e.kind = 'rated' AND e.changes #> '{satisfaction,from}' = 'null'
GROUP BY 3, 4

-- name: satisfaction_responses
-- Questions, by whether they were answered within a week.
INSERT INTO metric_slots (workspace_id, metric, slot, label, count)
SELECT %(workspace_id)s, 'satisfaction_responses', slot, CASE WHEN answered THEN 'answered' ELSE 'unanswered' END, count(*)
FROM (
    SELECT date_bin('15 minutes', e.created_at, '2000-01-01Z') AS slot, EXISTS (
            SELECT FROM ticket_events r
            WHERE r.ticket_id = e.ticket_id AND r.kind = 'rated' AND r.created_at < e.created_at + %(watched)s::interval
        ) AS answered
    FROM ticket_events e
    WHERE e.workspace_id = %(workspace_id)s AND e.created_at >= %(start)s AND e.created_at < %(end)s
        AND e.kind = 'satisfaction_asked'
) questions
GROUP BY 3, 4

-- name: automation
-- A conversation is a chat, or a ticket that came by mail. It counts when the machine first says something of substance
-- in it; what becomes of it is read from its first seven days (docs/metrics.md).
WITH begun AS (
    SELECT DISTINCT ON (coalesce(t.session_id, t.ticket_id)) t.session_id, t.ticket_id, t.created_at,
        t.created_at + %(watched)s::interval AS until
    FROM turns t
    WHERE t.workspace_id = %(workspace_id)s AND t.created_at >= %(start)s AND t.created_at < %(end)s
        AND t.action <> 'small_talk' AND coalesce(t.session_id, t.ticket_id) IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM turns b
            WHERE (b.session_id = t.session_id OR t.session_id IS NULL AND b.ticket_id = t.ticket_id)
                AND b.created_at < %(start)s AND b.action <> 'small_talk'
        )
    ORDER BY coalesce(t.session_id, t.ticket_id), t.created_at
), signals AS (
    SELECT coalesce(c.session_id, c.ticket_id) AS id, s.at, s.what
    FROM begun c CROSS JOIN LATERAL (
        SELECT t.created_at AS at, CASE
            WHEN t.action = 'hand_over' THEN 'human'
            WHEN t.action = 'answer' AND t.message_id IS NOT NULL THEN 'answer'
            WHEN t.decision ->> 'intent' = 'thanks' THEN 'thanks'
        END AS what
        FROM turns t WHERE t.session_id = c.session_id OR c.session_id IS NULL AND t.ticket_id = c.ticket_id
        UNION ALL
        SELECT r.created_at, CASE WHEN r.helpful THEN 'thanks' ELSE 'human' END
        FROM turns t JOIN ratings r ON r.message_id = t.message_id
        WHERE t.session_id = c.session_id OR c.session_id IS NULL AND t.ticket_id = c.ticket_id
        UNION ALL
        SELECT h.created_at, 'human'
        FROM tickets t JOIN escalations h ON h.ticket_id = t.id
        WHERE t.session_id = c.session_id OR c.session_id IS NULL AND t.id = c.ticket_id
        UNION ALL
        SELECT e.created_at, CASE
            WHEN e.changes #>> '{status,from}' IN ('pending', 'solved') AND e.changes #>> '{status,to}' = 'open'
                OR e.changes #> '{first_response_at,from}' = 'null' THEN 'human'
            WHEN e.changes #>> '{status,to}' IN ('solved', 'closed') AND e.kind <> 'merged' THEN 'thanks'
        END
        FROM tickets t JOIN ticket_events e ON e.ticket_id = t.id
        WHERE t.session_id = c.session_id OR c.session_id IS NULL AND t.id = c.ticket_id
    ) s
    WHERE s.what IS NOT NULL AND s.at < c.until
), firsts AS (
    SELECT coalesce(b.session_id, b.ticket_id) AS id, b.created_at,
        min(s.at) FILTER (WHERE s.what = 'answer') AS answered, min(s.at) FILTER (WHERE s.what = 'human') AS human,
        max(s.at) FILTER (WHERE s.what = 'thanks') AS thanked
    FROM begun b LEFT JOIN signals s ON s.id = coalesce(b.session_id, b.ticket_id)
    GROUP BY 1, 2
)
INSERT INTO metric_slots (workspace_id, metric, slot, label, count)
SELECT %(workspace_id)s, 'automation', date_bin('15 minutes', created_at, '2000-01-01Z'), CASE
        WHEN human IS NULL AND answered IS NULL THEN 'unanswered'
        WHEN human IS NULL AND thanked >= answered THEN 'confirmed'
        WHEN human IS NULL THEN 'assumed'
        WHEN human > answered THEN 'reversed'
        ELSE 'handed_over'
    END, count(*)
FROM firsts
GROUP BY 3, 4

-- name: observe
-- What waits now, by queue; of a quarter hour the most is kept: messages (`count`), seconds of the oldest (`total`).
WITH waiting AS (
    SELECT queue, count(*) AS messages, extract(epoch FROM now() - min(since))::bigint AS seconds
    FROM (
        SELECT queue, occurred_at AS since FROM outbox WHERE workspace_id = %(workspace_id)s AND published_at IS NULL
        UNION ALL
        SELECT 'jobs', created_at FROM jobs WHERE workspace_id = %(workspace_id)s AND status <> 'done'
    ) each
    GROUP BY queue
), noted AS (
    INSERT INTO metric_slots AS known (workspace_id, metric, slot, label, count, total)
    SELECT %(workspace_id)s, 'waiting', date_bin('15 minutes', now(), '2000-01-01Z'), queue, messages, seconds
    FROM waiting
    ON CONFLICT (workspace_id, metric, slot, label) DO UPDATE
        SET count = greatest(known.count, excluded.count), total = greatest(known.total, excluded.total)
)
SELECT coalesce(sum(messages), 0)::bigint AS messages, coalesce(max(seconds), 0)::bigint AS oldest_seconds FROM waiting

-- name: peaks
SELECT metric, width_bucket(slot, %(edges)s::timestamptz[]) - 1 AS bucket, label, max(count)::bigint AS count,
    max(total)::bigint AS total
FROM metric_slots
WHERE workspace_id = %(workspace_id)s AND metric = 'waiting' AND slot >= %(start)s AND slot < %(end)s
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3

-- name: sums
SELECT metric, width_bucket(slot, %(edges)s::timestamptz[]) - 1 AS bucket, label, sum(count)::bigint AS count,
    sum(total)::bigint AS total
FROM metric_slots
WHERE workspace_id = %(workspace_id)s AND metric = ANY(%(metrics)s) AND slot >= %(start)s AND slot < %(end)s
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3

-- name: durations
SELECT bucket, found[1] AS median, found[2] AS p90
FROM (
    SELECT width_bucket(slot, %(edges)s::timestamptz[]) - 1 AS bucket,
        percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY each) AS found
    FROM metric_slots, unnest(seconds) each
    WHERE workspace_id = %(workspace_id)s AND metric = %(metric)s AND slot >= %(start)s AND slot < %(end)s
    GROUP BY 1
) buckets
ORDER BY bucket
