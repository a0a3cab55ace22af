CREATE INDEX IF NOT EXISTS ticket_texts_of_workspace ON ticket_texts (workspace_id);
CREATE INDEX IF NOT EXISTS tickets_by_assignee ON tickets (workspace_id, assignee_id, id DESC);
CREATE INDEX IF NOT EXISTS tickets_by_requester ON tickets (workspace_id, requester_id, id DESC);
CREATE INDEX IF NOT EXISTS tickets_unsolved ON tickets (workspace_id, id DESC) WHERE status IN ('new', 'open', 'pending');
CREATE INDEX IF NOT EXISTS tickets_on_hand ON tickets (workspace_id, assignee_id)
    WHERE status IN ('new', 'open') AND deleted_at IS NULL AND assignee_id IS NOT NULL;
DROP INDEX IF EXISTS tickets_unassigned;
DROP INDEX IF EXISTS tickets_of_assignee;
DROP INDEX IF EXISTS tickets_without_requester;
DROP INDEX IF EXISTS tickets_of_requester;
DROP INDEX IF EXISTS tickets_by_status_and_change;
DROP INDEX IF EXISTS tickets_to_do_by_tag;
DROP INDEX IF EXISTS tickets_to_do_of_assignee;
DROP INDEX IF EXISTS tickets_to_do;
