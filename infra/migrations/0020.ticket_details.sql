-- What a ticket is beyond its status: its type, fields of the workspace's own, where it went, what it belongs to; and
-- the log of every change of it.
-- depends: 0011.triage_corrections

ALTER TABLE tickets
    ADD COLUMN type text CHECK (type IN ('question', 'incident', 'problem', 'task')),
    ADD COLUMN custom_fields jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN snoozed_until timestamptz,
    ADD COLUMN merged_into_id uuid REFERENCES tickets ON DELETE SET NULL,
    ADD COLUMN deleted_at timestamptz;
CREATE INDEX tickets_snoozed ON tickets (workspace_id, snoozed_until) WHERE snoozed_until IS NOT NULL;
CREATE INDEX tickets_merged ON tickets (merged_into_id) WHERE merged_into_id IS NOT NULL;
CREATE INDEX tickets_deleted ON tickets (workspace_id, id DESC) WHERE deleted_at IS NOT NULL;
-- What agents work on: a small part of an old desk.
CREATE INDEX tickets_unsolved ON tickets (workspace_id, id DESC) WHERE status IN ('new', 'open', 'pending');
CREATE INDEX tickets_unsolved_by_change ON tickets (workspace_id, updated_at DESC, id DESC)
    WHERE status IN ('new', 'open', 'pending');
CREATE INDEX tickets_by_group ON tickets (workspace_id, group_id, id DESC);
CREATE INDEX tickets_by_requester ON tickets (workspace_id, requester_id, id DESC);
CREATE INDEX tickets_by_change ON tickets (workspace_id, updated_at DESC, id DESC);
CREATE INDEX tickets_by_tag ON tickets USING gin (tags);
CREATE INDEX tickets_by_custom_field ON tickets USING gin (custom_fields jsonb_path_ops);

-- A chat whose ticket is closed, or merged into another one, goes on in a second ticket.
DROP INDEX tickets_by_session;
CREATE INDEX tickets_by_session ON tickets (session_id, id DESC) WHERE session_id IS NOT NULL;

-- Where a message was before its ticket was merged, or it was split off.
ALTER TABLE messages ADD COLUMN original_ticket_id uuid REFERENCES tickets ON DELETE SET NULL;
CREATE INDEX messages_of_original_ticket ON messages (original_ticket_id, id) WHERE original_ticket_id IS NOT NULL;

-- One row for every change, written with it (tickets.sql). `changes`: {field: {"from": …, "to": …}}.
CREATE TABLE ticket_events (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    ticket_id uuid NOT NULL REFERENCES tickets ON DELETE CASCADE,
    kind text NOT NULL,
    actor_kind text NOT NULL CHECK (actor_kind IN ('user', 'customer', 'system', 'trigger', 'crm')),
    actor_id uuid REFERENCES users ON DELETE SET NULL,
    reason text,
    changes jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ticket_events_of_ticket ON ticket_events (ticket_id, id);
CREATE INDEX ticket_events_newest ON ticket_events (workspace_id, id DESC);
CREATE INDEX ticket_events_of_actor ON ticket_events (actor_id) WHERE actor_id IS NOT NULL;

CREATE TABLE ticket_fields (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    key text NOT NULL CHECK (key ~ '^[a-z][a-z0-9_]*$'),
    label text NOT NULL,
    type text NOT NULL CHECK (type IN ('text', 'number', 'boolean', 'date', 'select', 'multi_select')),
    options text[] NOT NULL DEFAULT '{}',
    required_to_solve boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (workspace_id, key)
);

CREATE TABLE ticket_followers (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    ticket_id uuid NOT NULL REFERENCES tickets ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (ticket_id, user_id)
);
CREATE INDEX ticket_followers_of_user ON ticket_followers (user_id, ticket_id);

-- "ticket_id <kind> other_id": it blocks the other one, is an incident of that problem, follows it up.
CREATE TABLE ticket_links (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    ticket_id uuid NOT NULL REFERENCES tickets ON DELETE CASCADE,
    other_id uuid NOT NULL REFERENCES tickets ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('relates_to', 'blocks', 'incident_of', 'follow_up_of', 'split_from')),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (ticket_id, other_id, kind)
);
CREATE INDEX ticket_links_of_other ON ticket_links (other_id);

CALL keep_workspaces_apart(ARRAY['ticket_events', 'ticket_fields', 'ticket_followers', 'ticket_links']);
