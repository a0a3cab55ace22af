-- Outgoing webhooks: where events are sent, and what became of each.
-- depends: 0034.macros

-- Secrets are in no table: they follow from the desk's token secret, the id and `secret_generation`.
-- `failing_since`: no attempt has succeeded since then. `paused_until`: it asked for a pause, or did not answer at all.
CREATE TABLE webhook_endpoints (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    url text NOT NULL,
    description text NOT NULL DEFAULT '',
    event_types text[] NOT NULL DEFAULT '{}',
    enabled boolean NOT NULL DEFAULT true,
    disabled_because text CHECK (disabled_because IN ('gone', 'failing')),
    secret_generation integer NOT NULL DEFAULT 1,
    previous_secret_until timestamptz,
    failing_since timestamptz,
    paused_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX webhook_endpoints_newest ON webhook_endpoints (workspace_id, id DESC);

-- `body` is what is signed and sent, to the letter, so that a replay is the same.
CREATE TABLE webhook_deliveries (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
    event_id uuid NOT NULL,
    event_type text NOT NULL,
    ticket_id uuid REFERENCES tickets ON DELETE CASCADE,
    body text NOT NULL,
    state text NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'sending', 'delivered', 'failed', 'cancelled')),
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    claimed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
CREATE INDEX webhook_deliveries_of_endpoint ON webhook_deliveries (endpoint_id, id DESC);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (workspace_id, next_attempt_at) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_sending ON webhook_deliveries (workspace_id, claimed_at) WHERE state = 'sending';
CREATE INDEX webhook_deliveries_finished ON webhook_deliveries (workspace_id, finished_at)
    WHERE finished_at IS NOT NULL;
CREATE INDEX webhook_deliveries_of_ticket ON webhook_deliveries (ticket_id) WHERE ticket_id IS NOT NULL;

CREATE TABLE webhook_attempts (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    delivery_id uuid NOT NULL REFERENCES webhook_deliveries ON DELETE CASCADE,
    started_at timestamptz NOT NULL,
    duration_ms integer NOT NULL,
    status integer,
    response text NOT NULL DEFAULT '',
    problem text
);
CREATE INDEX webhook_attempts_of_delivery ON webhook_attempts (delivery_id, id);

CALL keep_workspaces_apart(ARRAY['webhook_endpoints', 'webhook_deliveries', 'webhook_attempts']);
