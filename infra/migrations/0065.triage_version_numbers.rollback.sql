CREATE OR REPLACE FUNCTION count_new_examples() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO triage_versions (workspace_id) SELECT DISTINCT workspace_id FROM changed
    ON CONFLICT (workspace_id) DO UPDATE SET version = triage_versions.version + 1;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION count_changed_examples() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE triage_versions SET version = version + 1 WHERE workspace_id IN (SELECT workspace_id FROM changed);
    RETURN NULL;
END $$;
DROP SEQUENCE triage_version_numbers;
