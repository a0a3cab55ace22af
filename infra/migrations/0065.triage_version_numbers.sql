-- A number that was rolled back must never be given to something else: a process may have read examples by it. So the
-- numbers of examples come from a sequence, as those of chunks do.
-- depends: 0064.triage_metric

-- Above all that were counted up before.
CREATE SEQUENCE triage_version_numbers START WITH 4294967296;
GRANT USAGE ON SEQUENCE triage_version_numbers TO supportmax_app;

CREATE OR REPLACE FUNCTION count_new_examples() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO triage_versions (workspace_id, version)
    SELECT workspace_id, nextval('triage_version_numbers') FROM (SELECT DISTINCT workspace_id FROM changed) AS workspaces
    ON CONFLICT (workspace_id) DO UPDATE SET version = excluded.version;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION count_changed_examples() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE triage_versions SET version = nextval('triage_version_numbers')
    WHERE workspace_id IN (SELECT workspace_id FROM changed);
    RETURN NULL;
END $$;
