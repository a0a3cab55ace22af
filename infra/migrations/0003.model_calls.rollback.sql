DROP TABLE circuit_breakers, budget_days, model_calls;
ALTER TABLE workspaces DROP COLUMN daily_budget_microusd;
DROP PROCEDURE keep_workspaces_apart(text[]);
