-- What customers thought of the help: asked once for each solved ticket.
-- depends: 0054.ticket_vectors

CREATE TABLE satisfaction_settings (
    workspace_id uuid PRIMARY KEY REFERENCES workspaces ON DELETE CASCADE,
    enabled boolean NOT NULL,
    delay_hours integer NOT NULL CHECK (delay_hours BETWEEN 0 AND 720),
    -- Tickets that were solved before are not asked about.
    enabled_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE satisfaction_ratings (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    ticket_id uuid NOT NULL UNIQUE REFERENCES tickets ON DELETE CASCADE,
    requester_id uuid REFERENCES users ON DELETE CASCADE,
    asked_at timestamptz NOT NULL,
    mailed_at timestamptz,
    score text CHECK (score IN ('good', 'bad')),
    comment text,
    answered_at timestamptz,
    changed_at timestamptz
);
CREATE INDEX satisfaction_ratings_newest ON satisfaction_ratings (workspace_id, id DESC);
CREATE INDEX satisfaction_ratings_of_requester ON satisfaction_ratings (requester_id) WHERE requester_id IS NOT NULL;
CREATE INDEX tickets_solved ON tickets (workspace_id, solved_at) WHERE solved_at IS NOT NULL;

CALL keep_workspaces_apart(ARRAY['satisfaction_settings', 'satisfaction_ratings']);
