-- Triage learns from corrections: why an example waits, who decided about it, and a number that tells when the examples
-- that a process keeps in memory are no longer those of the database.
-- depends: 0010.embedding_trouble

ALTER TABLE labelled_examples
    ADD COLUMN waits_for text,
    ADD COLUMN decided_by uuid REFERENCES users ON DELETE SET NULL;

CREATE TABLE triage_versions (
    workspace_id uuid PRIMARY KEY REFERENCES workspaces ON DELETE CASCADE,
    version bigint NOT NULL DEFAULT 1
);
CALL keep_workspaces_apart(ARRAY['triage_versions']);

-- By the database, so that no way of changing an example can forget it. Writers of one workspace wait for each other.
CREATE FUNCTION count_new_examples() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO triage_versions (workspace_id) SELECT DISTINCT workspace_id FROM changed
    ON CONFLICT (workspace_id) DO UPDATE SET version = triage_versions.version + 1;
    RETURN NULL;
END $$;
CREATE FUNCTION count_changed_examples() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE triage_versions SET version = version + 1 WHERE workspace_id IN (SELECT workspace_id FROM changed);
    RETURN NULL;
END $$;
CREATE TRIGGER examples_added AFTER INSERT ON labelled_examples
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_new_examples();
CREATE TRIGGER examples_changed AFTER UPDATE ON labelled_examples
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_changed_examples();
CREATE TRIGGER examples_removed AFTER DELETE ON labelled_examples
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_changed_examples();

-- Those that are there already.
INSERT INTO triage_versions (workspace_id) SELECT DISTINCT workspace_id FROM labelled_examples;
