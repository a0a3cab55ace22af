-- Indexes for what agents look at, and none that serve nothing. The desk stays in use while they are made.
-- transactional: false
-- depends: 0060.large_desks

-- Unsolved tickets, a small part of an old desk, with what agents choose them by: a count of them reads no ticket.
DROP INDEX CONCURRENTLY IF EXISTS tickets_to_do;
CREATE INDEX CONCURRENTLY tickets_to_do ON tickets (workspace_id, id DESC)
    INCLUDE (status, priority, assignee_id, group_id)
    WHERE status IN ('new', 'open', 'pending') AND deleted_at IS NULL;
DROP INDEX CONCURRENTLY IF EXISTS tickets_to_do_of_assignee;
CREATE INDEX CONCURRENTLY tickets_to_do_of_assignee ON tickets (workspace_id, assignee_id, id DESC)
    INCLUDE (status, priority)
    WHERE status IN ('new', 'open', 'pending') AND deleted_at IS NULL;
DROP INDEX CONCURRENTLY IF EXISTS tickets_to_do_by_tag;
CREATE INDEX CONCURRENTLY tickets_to_do_by_tag ON tickets USING gin (tags)
    WHERE status IN ('new', 'open', 'pending') AND deleted_at IS NULL;
DROP INDEX CONCURRENTLY IF EXISTS tickets_unsolved;
DROP INDEX CONCURRENTLY IF EXISTS tickets_on_hand;

-- Closed tickets by their last change: they come after all others.
DROP INDEX CONCURRENTLY IF EXISTS tickets_by_status_and_change;
CREATE INDEX CONCURRENTLY tickets_by_status_and_change ON tickets (workspace_id, status, updated_at DESC, id DESC);

-- A person is of one workspace. Without it, the index also finds whose tickets a deleted person leaves behind.
DROP INDEX CONCURRENTLY IF EXISTS tickets_of_requester;
CREATE INDEX CONCURRENTLY tickets_of_requester ON tickets (requester_id, id DESC) WHERE requester_id IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS tickets_without_requester;
CREATE INDEX CONCURRENTLY tickets_without_requester ON tickets (workspace_id, id DESC) WHERE requester_id IS NULL;
DROP INDEX CONCURRENTLY IF EXISTS tickets_by_requester;
DROP INDEX CONCURRENTLY IF EXISTS tickets_of_assignee;
CREATE INDEX CONCURRENTLY tickets_of_assignee ON tickets (assignee_id, id DESC) WHERE assignee_id IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS tickets_unassigned;
CREATE INDEX CONCURRENTLY tickets_unassigned ON tickets (workspace_id, id DESC) WHERE assignee_id IS NULL;
DROP INDEX CONCURRENTLY IF EXISTS tickets_by_assignee;

-- Words are looked up by word or by ticket.
DROP INDEX CONCURRENTLY IF EXISTS ticket_texts_of_workspace;
