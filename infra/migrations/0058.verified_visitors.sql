-- Visitors whom a host site vouches for.
-- depends: 0057.widget_chats

-- Keys by which a host site says who a visitor is (JWT). `secret` is encrypted; `public_key` is PEM. One of them is set.
CREATE TABLE visitor_keys (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    kid text NOT NULL,
    algorithm text NOT NULL CHECK (algorithm IN ('HS256', 'RS256', 'ES256', 'EdDSA')),
    secret bytea,
    public_key text,
    created_by uuid REFERENCES users ON DELETE SET NULL,
    last_used_at timestamptz,
    revoked_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (workspace_id, kid),
    CHECK ((secret IS NULL) <> (public_key IS NULL))
);
CREATE INDEX visitor_keys_of_user ON visitor_keys (created_by) WHERE created_by IS NOT NULL;

-- Who the host site's subject is here: one customer each, so that nobody's history opens to another subject.
CREATE TABLE visitor_identities (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    subject text NOT NULL,
    user_id uuid NOT NULL UNIQUE REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, subject)
);

CALL keep_workspaces_apart(ARRAY['visitor_keys', 'visitor_identities']);
