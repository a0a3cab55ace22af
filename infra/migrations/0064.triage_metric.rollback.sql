ALTER TABLE triage_models DROP COLUMN metric;
