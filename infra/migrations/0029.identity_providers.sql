-- Signing in through somebody else: OpenID Connect providers of a workspace.
-- depends: 0028.second_factor

-- `client_secret` is encrypted with a key derived from the token secret; NULL for a public client.
-- `joins_as`: the role of people who are new here; NULL lets in only those who are known.
CREATE TABLE identity_providers (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    name text NOT NULL,
    issuer text NOT NULL,
    client_id text NOT NULL,
    client_secret bytea,
    redirect_uris text[] NOT NULL,
    email_domains text[] NOT NULL DEFAULT '{}',
    joins_as text CHECK (joins_as IN ('agent', 'admin')),
    enabled boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (workspace_id, name)
);

-- A sign-in between the way to the provider and the way back. Deleted when it comes back: each is good once.
CREATE TABLE oidc_attempts (
    state_hash bytea NOT NULL,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    provider_id uuid NOT NULL REFERENCES identity_providers ON DELETE CASCADE,
    browser_hash bytea NOT NULL,
    nonce text NOT NULL,
    verifier text NOT NULL,
    redirect_uri text NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, state_hash)
);
CREATE INDEX oidc_attempts_by_age ON oidc_attempts (workspace_id, expires_at);

-- Who a provider's subject is here. The subject is what stays when names and addresses change.
CREATE TABLE user_identities (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    provider_id uuid NOT NULL REFERENCES identity_providers ON DELETE CASCADE,
    subject text NOT NULL,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (provider_id, subject)
);
CREATE INDEX user_identities_of_user ON user_identities (user_id);

CALL keep_workspaces_apart(ARRAY['identity_providers', 'oidc_attempts', 'user_identities']);
