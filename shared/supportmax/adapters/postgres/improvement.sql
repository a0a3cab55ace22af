-- name: save_rating
INSERT INTO ratings (id, workspace_id, message_id, helpful, comment)
SELECT %(id)s, m.workspace_id, m.id, %(helpful)s, %(comment)s
FROM messages m
WHERE m.workspace_id = %(workspace_id)s AND m.id = %(message_id)s AND m.session_id = %(session_id)s
    AND m.author_kind = 'assistant' AND m.visibility = 'public'
ON CONFLICT (message_id) DO UPDATE SET helpful = excluded.helpful, comment = excluded.comment, created_at = now()

-- name: failed
-- A request for a human, small talk, questions about the customer's own account, and those that were never looked up
-- say nothing about the articles. Who asks a lot is heard a few times.
WITH asked AS (
    SELECT t.id AS turn_id, coalesce(own.id, k.id) AS ticket_id, t.question, t.created_at,
        coalesce(s.requester_id, own.requester_id, k.requester_id, t.session_id, t.ticket_id) AS asker,
        u.name AS customer,
        CASE
            WHEN t.action = 'hand_over' AND t.confidence < 1 AND t.decision ->> 'intent' IS NULL
                AND t.decision ->> 'reason' IS DISTINCT FROM %(no_search)s THEN 'unanswered'
            WHEN r.helpful = false THEN 'unhelpful'
            -- In a chat there is no ticket yet: the customer says next that they want a human, or is angry.
            WHEN t.action = 'answer' AND (
                EXISTS (SELECT FROM escalations e WHERE e.ticket_id = t.ticket_id AND e.created_at > t.created_at)
                OR (SELECT n.decision ->> 'intent' FROM turns n WHERE n.session_id = t.session_id AND n.id > t.id
                    ORDER BY n.id LIMIT 1) IN ('human', 'angry')
            ) THEN 'reopened'
        END AS failure, true AS looked_up
    FROM turns t
        LEFT JOIN sessions s ON s.id = t.session_id
        LEFT JOIN tickets own ON own.id = t.ticket_id
        LEFT JOIN LATERAL (
            SELECT id, requester_id, tags FROM tickets
            WHERE session_id = t.session_id AND deleted_at IS NULL ORDER BY id DESC LIMIT 1
        ) k ON true
        -- No coalesce(): row-level security would let no index serve it.
        LEFT JOIN users u ON u.id = CASE
            WHEN s.requester_id IS NOT NULL THEN s.requester_id
            WHEN own.requester_id IS NOT NULL THEN own.requester_id
            ELSE k.requester_id
        END
        LEFT JOIN ratings r ON r.message_id = t.message_id
    WHERE t.workspace_id = %(workspace_id)s AND t.created_at >= %(since)s
        AND NOT 'spam' = ANY(coalesce(own.tags, k.tags, '{}'))
    UNION ALL
    -- Mails that went to a human before they were looked up: triage was unsure. The message stands for the turn.
    SELECT m.id, k.id, m.body, m.created_at, coalesce(k.requester_id, k.id), u.name, 'unanswered', false
    FROM tickets k
        JOIN LATERAL (
            SELECT id, body, created_at FROM messages
            WHERE ticket_id = k.id AND author_kind = 'customer' ORDER BY id LIMIT 1
        ) m ON true
        LEFT JOIN users u ON u.id = k.requester_id
    WHERE k.workspace_id = %(workspace_id)s AND k.id >= %(since_id)s AND k.session_id IS NULL AND k.deleted_at IS NULL
        AND NOT 'spam' = ANY(k.tags) AND NOT EXISTS (SELECT FROM turns t WHERE t.ticket_id = k.id)
), counted AS (
    SELECT turn_id, ticket_id, question, failure, asker, customer, looked_up,
        row_number() OVER (PARTITION BY asker ORDER BY turn_id DESC) AS nth
    FROM asked
    WHERE failure IS NOT NULL AND NOT EXISTS (
        SELECT FROM article_proposals p
        WHERE p.workspace_id = %(workspace_id)s
            AND p.evidence @> jsonb_build_array(jsonb_build_object('turn_id', asked.turn_id::text))
    )
)
SELECT f.turn_id, f.ticket_id, f.question, f.failure, f.asker, f.customer, f.looked_up, (
        SELECT m.body FROM messages m
        WHERE m.ticket_id = f.ticket_id AND m.author_kind = 'agent' AND m.visibility = 'public' AND m.id > f.turn_id
        ORDER BY m.id LIMIT 1
    ) AS agent_reply
FROM counted f
WHERE f.nth <= %(of_one)s
ORDER BY f.turn_id DESC
LIMIT %(limit)s

-- name: uses
SELECT a.id AS article_id, a.external_id, a.title, a.updated_at, count(t.id)::int AS answers,
    count(*) FILTER (WHERE r.helpful)::int AS helpful, count(*) FILTER (WHERE NOT r.helpful)::int AS unhelpful,
    max(t.created_at) AS last_answered_at
FROM articles a
    LEFT JOIN turns t ON t.workspace_id = a.workspace_id AND t.article_id = a.id AND t.action = 'answer'
        AND t.created_at >= %(since)s
    LEFT JOIN ratings r ON r.message_id = t.message_id
WHERE a.workspace_id = %(workspace_id)s AND a.status = 'published'
GROUP BY a.id
ORDER BY answers DESC, a.external_id

-- name: question_counts
SELECT count(*)::int AS questions,
    count(*) FILTER (WHERE t.action = 'answer')::int AS answered,
    count(*) FILTER (WHERE t.action = 'clarify')::int AS clarified,
    count(*) FILTER (WHERE t.action = 'hand_over')::int AS handed_over,
    count(*) FILTER (WHERE r.helpful = false)::int AS unhelpful,
    count(*) FILTER (WHERE t.action = 'answer' AND (
        EXISTS (SELECT FROM escalations e WHERE e.ticket_id = t.ticket_id AND e.created_at > t.created_at)
        OR (SELECT n.decision ->> 'intent' FROM turns n WHERE n.session_id = t.session_id AND n.id > t.id
            ORDER BY n.id LIMIT 1) IN ('human', 'angry')
    ))::int AS reopened
FROM turns t LEFT JOIN ratings r ON r.message_id = t.message_id
WHERE t.workspace_id = %(workspace_id)s AND t.created_at >= %(since)s AND t.action <> 'small_talk'

-- name: lock_proposing
SELECT pg_advisory_xact_lock(hashtextextended('proposals ' || %(workspace_id)s::text, 0))

-- name: add_proposal
INSERT INTO article_proposals (id, workspace_id, kind, article_id, title, body, questions, evidence, created_at)
VALUES (%(id)s, %(workspace_id)s, %(kind)s, %(article_id)s, %(title)s, %(body)s, %(questions)s, %(evidence)s,
    %(created_at)s)

-- name: get_proposal
SELECT id, kind, article_id, title, body, questions, evidence, status, decided_by, decided_at, created_at
FROM article_proposals
WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: lock_proposal
SELECT id, kind, article_id, title, body, questions, evidence, status, decided_by, decided_at, created_at
FROM article_proposals
WHERE workspace_id = %(workspace_id)s AND id = %(id)s
FOR UPDATE

-- name: list_proposals
SELECT id, kind, article_id, title, body, questions, evidence, status, decided_by, decided_at, created_at
FROM article_proposals
WHERE workspace_id = %(workspace_id)s AND (%(status)s::text IS NULL OR status = %(status)s)
    AND (%(after)s::uuid IS NULL OR id < %(after)s)
ORDER BY id DESC
LIMIT %(limit)s

-- name: decide_proposal
UPDATE article_proposals SET status = %(status)s, decided_by = %(user_id)s, decided_at = now()
WHERE workspace_id = %(workspace_id)s AND id = %(id)s
RETURNING id, kind, article_id, title, body, questions, evidence, status, decided_by, decided_at, created_at
