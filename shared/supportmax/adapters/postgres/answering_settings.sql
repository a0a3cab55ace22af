-- name: get
SELECT wanted_precision, daily_budget_microusd FROM workspaces WHERE id = %(workspace_id)s

-- name: save
UPDATE workspaces SET wanted_precision = %(wanted_precision)s, daily_budget_microusd = %(daily_budget_microusd)s
WHERE id = %(workspace_id)s

-- name: warn_again
-- Another budget has a warning of its own.
UPDATE budget_days SET warned_at = NULL WHERE workspace_id = %(workspace_id)s AND day = %(day)s
