-- name: list_macros
SELECT id, name, actions, owner_id
FROM macros
WHERE workspace_id = %(workspace_id)s AND (owner_id IS NULL OR owner_id = %(user_id)s)
ORDER BY lower(name), id

-- name: save_macro
INSERT INTO macros (id, workspace_id, name, actions, owner_id)
VALUES (%(id)s, %(workspace_id)s, %(name)s, %(actions)s, %(owner_id)s)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, actions = excluded.actions, owner_id = excluded.owner_id

-- name: delete_macro
DELETE FROM macros WHERE workspace_id = %(workspace_id)s AND id = %(id)s

-- name: list_canned_replies
SELECT id, short_code, text, owner_id
FROM canned_replies
WHERE workspace_id = %(workspace_id)s AND (owner_id IS NULL OR owner_id = %(user_id)s)
ORDER BY short_code, id

-- name: save_canned_reply
INSERT INTO canned_replies (id, workspace_id, short_code, text, owner_id)
SELECT %(id)s, %(workspace_id)s, %(short_code)s, %(text)s, %(owner_id)s
WHERE NOT EXISTS (
    SELECT FROM canned_replies
    WHERE workspace_id = %(workspace_id)s AND short_code = %(short_code)s AND id <> %(id)s
        AND owner_id IS NOT DISTINCT FROM %(owner_id)s::uuid
)
ON CONFLICT (id) DO UPDATE SET short_code = excluded.short_code, text = excluded.text, owner_id = excluded.owner_id

-- name: delete_canned_reply
DELETE FROM canned_replies WHERE workspace_id = %(workspace_id)s AND id = %(id)s
