-- Working on tickets: changes of many at once, files on their way in, and who is looking at what.
-- depends: 0021.ticket_search

-- A piece of work that takes longer than a request. `request` is what to do; `position`: how far it is; `problems`:
-- [{"ticket_id", "problem"}].
CREATE TABLE jobs (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    kind text NOT NULL,
    status text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'running', 'done')),
    request jsonb NOT NULL,
    total integer NOT NULL,
    position integer NOT NULL DEFAULT 0,
    problems jsonb NOT NULL DEFAULT '[]',
    created_by uuid REFERENCES users ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
CREATE INDEX jobs_newest ON jobs (workspace_id, id DESC);
CREATE INDEX jobs_of_user ON jobs (created_by) WHERE created_by IS NOT NULL;

-- A file that may be uploaded, or was; the message that takes it makes it an attachment.
CREATE TABLE uploads (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    ticket_id uuid NOT NULL REFERENCES tickets ON DELETE CASCADE,
    name text NOT NULL,
    content_type text NOT NULL,
    size bigint NOT NULL,
    object_key text NOT NULL,
    created_by uuid REFERENCES users ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX uploads_by_age ON uploads (workspace_id, created_at);
CREATE INDEX uploads_of_ticket ON uploads (ticket_id);
CREATE INDEX uploads_of_user ON uploads (created_by) WHERE created_by IS NOT NULL;

CREATE TABLE ticket_presence (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    ticket_id uuid NOT NULL REFERENCES tickets ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    activity text NOT NULL CHECK (activity IN ('viewing', 'writing')),
    seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (ticket_id, user_id)
);
CREATE INDEX ticket_presence_of_user ON ticket_presence (user_id);
CREATE INDEX ticket_presence_by_age ON ticket_presence (workspace_id, seen_at);

CALL keep_workspaces_apart(ARRAY['jobs', 'uploads', 'ticket_presence']);
