-- Knowledge that improves: what people thought of answers, and the articles proposed from what was not answered.
-- depends: 0007.embedding_models

CREATE TABLE ratings (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    message_id uuid NOT NULL REFERENCES messages ON DELETE CASCADE,
    helpful boolean NOT NULL,
    comment text,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (message_id)
);
CREATE INDEX ratings_newest ON ratings (workspace_id, id DESC);

CREATE TABLE article_proposals (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('article', 'edit')),
    article_id uuid REFERENCES articles ON DELETE CASCADE,
    title text NOT NULL,
    body text NOT NULL,
    questions text[] NOT NULL DEFAULT '{}',
    -- The turns and tickets that it was made from: [{"turn_id", "ticket_id", "question"}].
    evidence jsonb NOT NULL DEFAULT '[]',
    status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'accepted', 'dismissed')),
    decided_by uuid REFERENCES users ON DELETE SET NULL,
    decided_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX article_proposals_newest ON article_proposals (workspace_id, status, id DESC);

CALL keep_workspaces_apart(ARRAY['ratings', 'article_proposals']);
