-- How many requests somebody has sent lately, and the answers to requests that may be repeated.
-- depends: 0025.access

-- One row a caller, counted up within a window of time. Nothing here must survive a crash.
CREATE UNLOGGED TABLE rate_limits (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    caller text NOT NULL,
    requests integer NOT NULL,
    window_started_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, caller)
);

-- `status` is NULL while the request is worked on. `body` is NULL where the answer is not kept, for it held a secret.
CREATE TABLE idempotency_keys (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    caller text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    status integer,
    content_type text,
    body bytea,
    claimed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, caller, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (workspace_id, claimed_at);

CALL keep_workspaces_apart(ARRAY['rate_limits', 'idempotency_keys']);
