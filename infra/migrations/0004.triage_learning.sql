-- Triage that learns: where an example came from, and the regression heads fitted to all of them.
-- depends: 0003.model_calls

-- `source`: import, agent (a correction), description (of a label without examples). An example that was undone, or that
-- waits for a second opinion, stays for the record but does not count.
ALTER TABLE labelled_examples
    ADD COLUMN source text NOT NULL DEFAULT 'import',
    ADD COLUMN status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'waiting', 'retired')),
    ADD COLUMN ticket_id uuid REFERENCES tickets ON DELETE SET NULL;
CREATE INDEX labelled_examples_newest ON labelled_examples (workspace_id, id DESC);
CREATE INDEX labelled_examples_of_ticket ON labelled_examples (ticket_id) WHERE ticket_id IS NOT NULL;

ALTER TABLE tickets ADD COLUMN sentiment text CHECK (sentiment IN ('negative', 'neutral', 'positive'));

CREATE TABLE triage_models (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    embedding_model text NOT NULL,
    labels text[] NOT NULL,
    weights bytea NOT NULL,
    -- What the examples looked like when it was fitted: nothing to do while that is unchanged.
    fingerprint text NOT NULL,
    metrics jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX triage_models_newest ON triage_models (workspace_id, embedding_model, id DESC);

CALL keep_workspaces_apart(ARRAY['triage_models']);
