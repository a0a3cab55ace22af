-- What agents keep to be said or done again.
-- depends: 0029.identity_providers

-- `actions`: [{"action", "value", "key", "text"}], as domain/rules/actions.py reads them. `owner_id` NULL: everybody's.
CREATE TABLE macros (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    name text NOT NULL,
    actions jsonb NOT NULL,
    owner_id uuid REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX macros_of_workspace ON macros (workspace_id, owner_id);
CREATE INDEX macros_of_owner ON macros (owner_id) WHERE owner_id IS NOT NULL;

CREATE TABLE canned_replies (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    short_code text NOT NULL,
    text text NOT NULL,
    owner_id uuid REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX canned_replies_of_everybody ON canned_replies (workspace_id, short_code) WHERE owner_id IS NULL;
CREATE UNIQUE INDEX canned_replies_of_owner ON canned_replies (owner_id, short_code) WHERE owner_id IS NOT NULL;

CALL keep_workspaces_apart(ARRAY['macros', 'canned_replies']);
