-- One confidence that means what it says, and the record from which a person can see why.
-- depends: 0005.search

-- The share of right answers that a workspace asks for; the thresholds follow from it.
ALTER TABLE workspaces
    ADD COLUMN wanted_precision double precision NOT NULL DEFAULT 0.95
        CHECK (wanted_precision > 0 AND wanted_precision < 1);

CREATE TABLE calibrations (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    version text NOT NULL,
    embedding_model text NOT NULL,
    parameters jsonb NOT NULL,
    metrics jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX calibrations_newest ON calibrations (workspace_id, embedding_model, id DESC);

-- `message_id`: the reply that the turn gave. `decision`: thresholds, versions, verification, why.
ALTER TABLE turns
    ADD COLUMN message_id uuid REFERENCES messages ON DELETE CASCADE,
    ADD COLUMN decision jsonb NOT NULL DEFAULT '{}';
CREATE INDEX turns_of_message ON turns (message_id) WHERE message_id IS NOT NULL;

CALL keep_workspaces_apart(ARRAY['calibrations']);
