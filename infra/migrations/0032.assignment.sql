-- Who gets a ticket: how each group gives its tickets out, what agents can and have room for, and who waits.
-- depends: 0031.sla_search

ALTER TABLE groups ADD COLUMN assignment text NOT NULL DEFAULT 'least_loaded'
    CHECK (assignment IN ('manual', 'round_robin', 'least_loaded'));
-- When the member last got a ticket in turn.
ALTER TABLE group_members ADD COLUMN assigned_at timestamptz;

-- Without a row: online, as many tickets as there are, no skills.
CREATE TABLE agent_profiles (
    user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    availability text NOT NULL DEFAULT 'online' CHECK (availability IN ('online', 'away', 'offline')),
    capacity integer CHECK (capacity >= 0),
    skills text[] NOT NULL DEFAULT '{}'
);
CREATE INDEX agent_profiles_of_workspace ON agent_profiles (workspace_id);

-- Tickets whose field has that value are for agents with that skill.
CREATE TABLE skill_rules (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    field text NOT NULL CHECK (field IN ('category', 'language', 'type', 'priority', 'channel', 'tags')),
    value text NOT NULL,
    skill text NOT NULL,
    UNIQUE (workspace_id, field, value, skill)
);

-- Tickets for which nobody had room.
CREATE TABLE waiting_tickets (
    ticket_id uuid PRIMARY KEY REFERENCES tickets ON DELETE CASCADE,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    since timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX waiting_tickets_in_order ON waiting_tickets (workspace_id, since);

-- How much each agent has on hand.
CREATE INDEX tickets_on_hand ON tickets (workspace_id, assignee_id)
    WHERE status IN ('new', 'open') AND deleted_at IS NULL AND assignee_id IS NOT NULL;

CALL keep_workspaces_apart(ARRAY['agent_profiles', 'skill_rules', 'waiting_tickets']);
