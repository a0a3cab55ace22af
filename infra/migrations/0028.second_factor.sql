-- A second factor: codes of an authenticator app (RFC 6238), and recovery codes for when the phone is lost.
-- depends: 0027.account_mails

-- `secret` is encrypted with a key derived from the token secret. `last_step`: a code is good once.
CREATE TABLE second_factors (
    user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    secret bytea NOT NULL,
    confirmed_at timestamptz,
    last_step bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE recovery_codes (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    code_hash bytea NOT NULL,
    used_at timestamptz
);
CREATE INDEX recovery_codes_of_user ON recovery_codes (user_id);

CALL keep_workspaces_apart(ARRAY['second_factors', 'recovery_codes']);
