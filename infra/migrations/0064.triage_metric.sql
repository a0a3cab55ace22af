-- The metric that triage learns from its examples; models of an earlier release have none.
-- depends: 0063.search_versions

ALTER TABLE triage_models ADD COLUMN metric bytea;
