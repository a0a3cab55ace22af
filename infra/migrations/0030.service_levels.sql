-- Service levels: when the desk works, what it promises, and a clock for every promise on every ticket.
-- depends: 0029.identity_providers

-- `shifts`: [[weekday, start, end]], Monday is 0, minutes after local midnight. `holidays`: [{"date", "name"}].
CREATE TABLE business_hours (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    name text NOT NULL,
    time_zone text NOT NULL,
    shifts jsonb NOT NULL,
    holidays jsonb NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (workspace_id, name)
);

-- `conditions`: {field: [values]}. `targets`: {priority: {metric: minutes}}. Without business hours every hour counts.
CREATE TABLE sla_policies (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    name text NOT NULL,
    position integer NOT NULL DEFAULT 0,
    conditions jsonb NOT NULL DEFAULT '{}',
    targets jsonb NOT NULL,
    business_hours_id uuid REFERENCES business_hours,
    warn_percent integer CHECK (warn_percent BETWEEN 1 AND 99),
    warn_minutes integer CHECK (warn_minutes > 0),
    breach_priority text CHECK (breach_priority IN ('low', 'normal', 'high', 'urgent')),
    breach_group_id uuid REFERENCES groups ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (workspace_id, name)
);
CREATE INDEX sla_policies_in_order ON sla_policies (workspace_id, position, id);
CREATE INDEX sla_policies_by_hours ON sla_policies (business_hours_id) WHERE business_hours_id IS NOT NULL;
CREATE INDEX sla_policies_of_group ON sla_policies (breach_group_id) WHERE breach_group_id IS NOT NULL;

-- One promise on one ticket. `left_over`: what was left when it last began to run, or was paused. `is_next`: of the
-- ticket's unfulfilled ones it is due first. `stale`: its policy or hours have changed since it was worked out.
CREATE TABLE ticket_clocks (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    ticket_id uuid NOT NULL REFERENCES tickets ON DELETE CASCADE,
    metric text NOT NULL CHECK (metric IN ('first_response', 'next_response', 'resolution')),
    policy_id uuid REFERENCES sla_policies ON DELETE SET NULL,
    business_hours_id uuid REFERENCES business_hours ON DELETE SET NULL,
    promised interval NOT NULL,
    left_over interval NOT NULL,
    running_since timestamptz,
    due_at timestamptz,
    warn_at timestamptz,
    warned_at timestamptz,
    breached_at timestamptz,
    fulfilled_at timestamptz,
    is_next boolean NOT NULL DEFAULT false,
    stale boolean NOT NULL DEFAULT false,
    PRIMARY KEY (ticket_id, metric)
);
CREATE INDEX ticket_clocks_to_warn ON ticket_clocks (workspace_id, warn_at)
    WHERE warn_at IS NOT NULL AND warned_at IS NULL AND fulfilled_at IS NULL;
CREATE INDEX ticket_clocks_to_breach ON ticket_clocks (workspace_id, due_at)
    WHERE due_at IS NOT NULL AND breached_at IS NULL AND fulfilled_at IS NULL;
CREATE INDEX ticket_clocks_next ON ticket_clocks (workspace_id, due_at, ticket_id) WHERE is_next;
CREATE INDEX ticket_clocks_breached ON ticket_clocks (workspace_id, ticket_id DESC) WHERE breached_at IS NOT NULL;
CREATE INDEX ticket_clocks_stale ON ticket_clocks (workspace_id, ticket_id) WHERE stale;
CREATE INDEX ticket_clocks_open ON ticket_clocks (workspace_id, ticket_id) WHERE fulfilled_at IS NULL;
CREATE INDEX ticket_clocks_of_policy ON ticket_clocks (policy_id) WHERE policy_id IS NOT NULL;
CREATE INDEX ticket_clocks_by_hours ON ticket_clocks (business_hours_id) WHERE business_hours_id IS NOT NULL;

CALL keep_workspaces_apart(ARRAY['business_hours', 'sla_policies', 'ticket_clocks']);
