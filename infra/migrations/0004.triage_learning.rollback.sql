DROP TABLE triage_models;
ALTER TABLE tickets DROP COLUMN sentiment;
ALTER TABLE labelled_examples DROP COLUMN source, DROP COLUMN status, DROP COLUMN ticket_id;
DROP INDEX labelled_examples_newest;
