-- A call of a language model is written down before it is made; what went wrong is told, to the admins once a day.
-- depends: 0008.knowledge_feedback

ALTER TABLE model_calls ADD COLUMN detail text;
ALTER TABLE circuit_breakers ADD COLUMN told_at timestamptz;
CREATE INDEX model_calls_of_day ON model_calls (workspace_id, created_at);
