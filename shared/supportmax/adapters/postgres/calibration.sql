-- name: rules
SELECT w.wanted_precision, c.parameters
FROM workspaces w LEFT JOIN LATERAL (
    SELECT parameters FROM calibrations
    WHERE workspace_id = w.id AND embedding_model = %(model)s
    ORDER BY id DESC LIMIT 1
) c ON true
WHERE w.id = %(workspace_id)s

-- name: newest
SELECT max(created_at) FROM calibrations WHERE workspace_id = %(workspace_id)s AND embedding_model = %(model)s

-- name: add
INSERT INTO calibrations (id, workspace_id, version, embedding_model, parameters, metrics)
VALUES (%(id)s, %(workspace_id)s, %(version)s, %(model)s, %(parameters)s, %(metrics)s)
