-- Links that are mailed to people: an invitation, a new password. Each is good once, and not for long.
-- depends: 0026.traffic

-- The token in the mail is signed, not stored: whoever reads this table can make none.
CREATE TABLE account_links (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    purpose text NOT NULL CHECK (purpose IN ('invitation', 'password-reset')),
    expires_at timestamptz NOT NULL,
    mailed_at timestamptz,
    used_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX account_links_of_user ON account_links (user_id, id DESC);

CALL keep_workspaces_apart(ARRAY['account_links']);
