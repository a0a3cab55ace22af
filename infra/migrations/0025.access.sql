-- Who is signed in where, what programs may do, and how often somebody has tried in vain.
-- depends: 0022.ticket_work

-- A person who left: their tokens and keys stop, what they did keeps their name.
ALTER TABLE users ADD COLUMN deactivated_at timestamptz;

-- `generation` counts the refresh tokens that were given out; only the newest is good.
CREATE TABLE login_sessions (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    method text NOT NULL CHECK (method IN ('password', 'oidc')),
    address text NOT NULL,
    user_agent text NOT NULL,
    generation integer NOT NULL DEFAULT 1,
    refreshed_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX login_sessions_of_user ON login_sessions (user_id, id DESC);

-- The key itself is nowhere: `secret_hash` is the SHA-256 of its 256 random bits. `hint` is how it ends, to know it by.
CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    name text NOT NULL,
    hint text NOT NULL,
    secret_hash bytea NOT NULL,
    scopes text[] NOT NULL,
    created_by uuid REFERENCES users ON DELETE SET NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX api_keys_newest ON api_keys (workspace_id, id DESC);

-- Tries in a window of time, by hashes of account and address. Nothing here must survive a crash.
CREATE UNLOGGED TABLE sign_in_attempts (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    name text NOT NULL,
    tries integer NOT NULL,
    window_started_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, name)
);

-- Addresses (hashed) from which somebody has signed in: strangers who guess elsewhere cannot lock these out.
CREATE TABLE known_addresses (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    address_hash text NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, address_hash)
);

CREATE INDEX audit_entries_newest ON audit_entries (workspace_id, id DESC);

CALL keep_workspaces_apart(ARRAY['login_sessions', 'api_keys', 'sign_in_attempts', 'known_addresses']);
