-- Triggers and automations.
-- depends: 0034.macros

-- `conditions`: {"all": […], "any": […]}, `actions`: […], as domain/rules/ reads them. `looked_at`: the ticket up to
-- which an automation has looked.
CREATE TABLE rules (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('trigger', 'automation')),
    name text NOT NULL,
    position integer NOT NULL DEFAULT 0,
    enabled boolean NOT NULL DEFAULT true,
    events text[] NOT NULL DEFAULT '{}',
    conditions jsonb NOT NULL,
    actions jsonb NOT NULL,
    fired bigint NOT NULL DEFAULT 0,
    last_fired_at timestamptz,
    problem text,
    problem_at timestamptz,
    looked_at uuid,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX rules_in_order ON rules (workspace_id, kind, position, id);

-- That an automation acted on a ticket in a state that began then.
CREATE TABLE rule_firings (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    rule_id uuid NOT NULL REFERENCES rules ON DELETE CASCADE,
    ticket_id uuid NOT NULL REFERENCES tickets ON DELETE CASCADE,
    state_since timestamptz NOT NULL,
    fired_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (rule_id, ticket_id, state_since)
);
CREATE INDEX rule_firings_of_ticket ON rule_firings (ticket_id);

CALL keep_workspaces_apart(ARRAY['rules', 'rule_firings']);

-- A mail that people wrote beforehand, in a rule: an agent who takes over does not hold it back.
ALTER TABLE messages ADD COLUMN by_rule boolean NOT NULL DEFAULT false;
-- When a ticket got its status.
CREATE INDEX ticket_events_of_status ON ticket_events (ticket_id, id DESC) WHERE changes ? 'status';

ALTER TABLE ticket_events DROP CONSTRAINT ticket_events_actor_kind_check;
ALTER TABLE ticket_events ADD CONSTRAINT ticket_events_actor_kind_check
    CHECK (actor_kind IN ('user', 'customer', 'system', 'trigger', 'automation', 'crm'));
