-- What every call of a language model cost, what a workspace may spend in a day, and which providers are down.
-- depends: 0002.row_level_security

-- The walls of 0002 for tables that came later.
CREATE PROCEDURE keep_workspaces_apart(tables text[]) LANGUAGE plpgsql AS $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY tables LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY of_workspace ON %I USING (workspace_id = (SELECT current_workspace()))', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO supportmax_app', name);
    END LOOP;
END $$;
REVOKE ALL ON PROCEDURE keep_workspaces_apart(text[]) FROM PUBLIC;

-- NULL: the limit of the settings. 0: no model is called.
ALTER TABLE workspaces ADD COLUMN daily_budget_microusd bigint CHECK (daily_budget_microusd >= 0);

CREATE TABLE model_calls (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    turn_id uuid,
    session_id uuid REFERENCES sessions ON DELETE SET NULL,
    requester_id uuid REFERENCES users ON DELETE SET NULL,
    purpose text NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    outcome text NOT NULL,
    input_tokens integer NOT NULL DEFAULT 0,
    cached_tokens integer NOT NULL DEFAULT 0,
    output_tokens integer NOT NULL DEFAULT 0,
    cost_microusd bigint NOT NULL DEFAULT 0,
    latency_ms double precision NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX model_calls_newest ON model_calls (workspace_id, id DESC);
CREATE INDEX model_calls_of_turn ON model_calls (turn_id) WHERE turn_id IS NOT NULL;
CREATE INDEX model_calls_of_session ON model_calls (session_id, created_at) WHERE session_id IS NOT NULL;
CREATE INDEX model_calls_of_requester ON model_calls (requester_id, created_at) WHERE requester_id IS NOT NULL;

-- Money that is spent, and money that calls under way may still spend, by day in UTC.
CREATE TABLE budget_days (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    day date NOT NULL,
    spent_microusd bigint NOT NULL DEFAULT 0,
    reserved_microusd bigint NOT NULL DEFAULT 0,
    warned_at timestamptz,
    PRIMARY KEY (workspace_id, day)
);

CREATE TABLE circuit_breakers (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    provider text NOT NULL,
    failures integer NOT NULL DEFAULT 0,
    opened_at timestamptz,
    probed_at timestamptz,
    PRIMARY KEY (workspace_id, provider)
);

CALL keep_workspaces_apart(ARRAY['model_calls', 'budget_days', 'circuit_breakers']);
