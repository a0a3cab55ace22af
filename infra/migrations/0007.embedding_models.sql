-- Which embedding model a workspace searches with, and the next one being filled beside it.
-- depends: 0006.calibration

-- NULL: the model of the settings.
ALTER TABLE workspaces ADD COLUMN embedding_model text;

-- A second place for each example's vector: of the model being prepared, and after the switch of the one before.
ALTER TABLE labelled_examples ADD COLUMN spare_model text, ADD COLUMN spare_embedding vector;

CREATE TABLE embedding_indexes (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    model text NOT NULL,
    dimensions integer NOT NULL CHECK (dimensions BETWEEN 1 AND 2000),
    state text NOT NULL CHECK (state IN ('building', 'ready', 'active', 'previous')),
    created_at timestamptz NOT NULL DEFAULT now(),
    activated_at timestamptz,
    PRIMARY KEY (workspace_id, model)
);

CALL keep_workspaces_apart(ARRAY['embedding_indexes']);
