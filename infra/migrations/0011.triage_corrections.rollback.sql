DROP TRIGGER examples_added ON labelled_examples;
DROP TRIGGER examples_changed ON labelled_examples;
DROP TRIGGER examples_removed ON labelled_examples;
DROP FUNCTION count_new_examples();
DROP FUNCTION count_changed_examples();
DROP TABLE triage_versions;
ALTER TABLE labelled_examples DROP COLUMN waits_for, DROP COLUMN decided_by;
