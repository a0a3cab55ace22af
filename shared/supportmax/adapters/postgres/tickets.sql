-- name: add
WITH counted AS (
    UPDATE workspaces SET last_ticket_number = last_ticket_number + 1 WHERE id = %(workspace_id)s
    RETURNING last_ticket_number
)
INSERT INTO tickets (
    id, workspace_id, number, subject, status, priority, channel, category, tags, requester_id, session_id, group_id,
    assignee_id
)
SELECT %(id)s, %(workspace_id)s, last_ticket_number, %(subject)s, %(status)s, %(priority)s, %(channel)s, %(category)s,
    %(tags)s, %(requester_id)s, %(session_id)s, %(group_id)s, %(assignee_id)s
FROM counted
RETURNING id, number, subject, status, priority, channel, category, tags, language, sentiment, requester_id,
    assignee_id, group_id, session_id, triage, version, created_at, updated_at, first_response_at, solved_at

-- name: get
SELECT id, number, subject, status, priority, channel, category, tags, language, sentiment, requester_id,
    assignee_id, group_id, session_id, triage, version, created_at, updated_at, first_response_at, solved_at
FROM tickets
WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: lock
SELECT id, number, subject, status, priority, channel, category, tags, language, sentiment, requester_id,
    assignee_id, group_id, session_id, triage, version, created_at, updated_at, first_response_at, solved_at
FROM tickets
WHERE workspace_id = %(workspace_id)s AND id = %(id)s
FOR UPDATE

-- name: list
SELECT id, number, subject, status, priority, channel, category, tags, language, sentiment, requester_id,
    assignee_id, group_id, session_id, triage, version, created_at, updated_at, first_response_at, solved_at
FROM tickets
WHERE workspace_id = %(workspace_id)s
    AND (%(status)s::text IS NULL OR status = %(status)s)
    AND (%(priority)s::text IS NULL OR priority = %(priority)s)
    AND (%(category)s::text IS NULL OR category = %(category)s)
    AND (%(assignee_id)s::uuid IS NULL OR assignee_id = %(assignee_id)s)
    AND (%(group_id)s::uuid IS NULL OR group_id = %(group_id)s)
    AND (%(requester_id)s::uuid IS NULL OR requester_id = %(requester_id)s)
    AND (%(channel)s::text IS NULL OR channel = %(channel)s)
    AND (%(sentiment)s::text IS NULL OR sentiment = %(sentiment)s)
    AND (%(tag)s::text IS NULL OR %(tag)s = ANY(tags))
    AND (%(after)s::uuid IS NULL OR id < %(after)s)
ORDER BY id DESC
LIMIT %(limit)s

-- name: update
UPDATE tickets SET
    subject = CASE WHEN 'subject' = ANY(%(columns)s) THEN %(subject)s ELSE subject END,
    status = CASE WHEN 'status' = ANY(%(columns)s) THEN %(status)s ELSE status END,
    priority = CASE WHEN 'priority' = ANY(%(columns)s) THEN %(priority)s ELSE priority END,
    category = CASE WHEN 'category' = ANY(%(columns)s) THEN %(category)s ELSE category END,
    tags = CASE WHEN 'tags' = ANY(%(columns)s) THEN %(tags)s::text[] ELSE tags END,
    sentiment = CASE WHEN 'sentiment' = ANY(%(columns)s) THEN %(sentiment)s ELSE sentiment END,
    language = CASE WHEN 'language' = ANY(%(columns)s) THEN %(language)s ELSE language END,
    requester_id = CASE WHEN 'requester_id' = ANY(%(columns)s) THEN %(requester_id)s::uuid ELSE requester_id END,
    assignee_id = CASE WHEN 'assignee_id' = ANY(%(columns)s) THEN %(assignee_id)s::uuid ELSE assignee_id END,
    group_id = CASE WHEN 'group_id' = ANY(%(columns)s) THEN %(group_id)s::uuid ELSE group_id END,
    triage = CASE WHEN 'triage' = ANY(%(columns)s) THEN %(triage)s::jsonb ELSE triage END,
    first_response_at = CASE WHEN 'first_response_at' = ANY(%(columns)s) THEN %(first_response_at)s::timestamptz
        ELSE first_response_at END,
    solved_at = CASE WHEN 'solved_at' = ANY(%(columns)s) THEN %(solved_at)s::timestamptz ELSE solved_at END,
    version = version + 1,
    updated_at = now()
WHERE workspace_id = %(workspace_id)s AND id = %(id)s
RETURNING id, number, subject, status, priority, channel, category, tags, language, sentiment, requester_id,
    assignee_id, group_id, session_id, triage, version, created_at, updated_at, first_response_at, solved_at

-- name: delete
DELETE FROM tickets WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: add_escalation
INSERT INTO escalations (id, workspace_id, ticket_id, reason, summary, group_id, assignee_id)
VALUES (%(id)s, %(workspace_id)s, %(ticket_id)s, %(reason)s, %(summary)s, %(group_id)s, %(assignee_id)s)

-- name: escalations_of
SELECT id, ticket_id, reason, summary, group_id, assignee_id, created_at
FROM escalations
WHERE workspace_id = %(workspace_id)s AND ticket_id = %(ticket_id)s
ORDER BY id DESC
