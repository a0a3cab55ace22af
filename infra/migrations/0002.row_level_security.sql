-- Every row belongs to a workspace, and the database itself keeps them apart.
-- depends: 0001.schema
--
-- supportmax_app      what the functions are; owns nothing, sees the one workspace set in its transaction.
-- supportmax_lookup   nobody signs in as it; it owns the three functions below, which must see further.
-- Both roles are made before the migrations run (roles.sql, beside the store).

CREATE FUNCTION current_workspace() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('supportmax.workspace', true), '')::uuid $$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'groups', 'users', 'group_members', 'sessions', 'tickets', 'messages', 'attachments', 'inbound_mails',
        'articles', 'chunks', 'labels', 'labelled_examples', 'escalations', 'notifications', 'turns', 'outbox',
        'processed_messages', 'audit_entries', 'crm_links', 'sync_watermarks'
    ] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY of_workspace ON %I USING (workspace_id = (SELECT current_workspace()))', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO supportmax_app', name);
    END LOOP;
END $$;

-- The audit log is append-only for the functions.
REVOKE UPDATE, DELETE ON audit_entries FROM supportmax_app;

ALTER TABLE workspaces ENABLE ROW LEVEL SECURITY;
ALTER TABLE workspaces FORCE ROW LEVEL SECURITY;
CREATE POLICY of_workspace ON workspaces USING (id = (SELECT current_workspace()));
GRANT SELECT, INSERT, UPDATE ON workspaces TO supportmax_app;

-- Which workspace is this? Asked before one is set, so it needs a wider view of one table, and answers with ids only.
CREATE POLICY lookup ON workspaces FOR SELECT TO supportmax_lookup USING (true);
GRANT SELECT ON workspaces TO supportmax_lookup;
GRANT CREATE ON SCHEMA public TO supportmax_lookup;
GRANT USAGE ON SCHEMA public TO supportmax_app, supportmax_lookup;

CREATE FUNCTION find_workspace(wanted_slug text, wanted_key text) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT id FROM workspaces WHERE slug = wanted_slug OR widget_key = wanted_key $$;

CREATE FUNCTION all_workspaces() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT id FROM workspaces ORDER BY id $$;

-- Row-level security lets no index serve an operator that is not leakproof, and @@ is not. This function may use the
-- GIN index, because its owner has an open policy and it filters by the workspace of the transaction itself.
CREATE POLICY lookup ON chunks FOR SELECT TO supportmax_lookup USING (true);
GRANT SELECT ON chunks TO supportmax_lookup;

-- Of the words in a question only rare ones are worth a look into the index. What a common word matches is much, says
-- little, and ranking it took 100 to 300 ms at 100,000 chunks; the vectors find it anyway. So words are taken from the
-- rarest on, as long as together they match no more than 250 chunks. The rank counts all words of the question, but not
-- how near they stand to each other (ts_rank_cd): that costs five times as much and finds no better by words joined by OR.
CREATE FUNCTION match_words(query tsquery, model text, most integer)
    RETURNS TABLE (chunk_id uuid, rank real)
    LANGUAGE plpgsql SECURITY DEFINER ROWS 40 SET search_path = public, pg_temp
    AS $$
    DECLARE
        worthwhile tsquery;
    BEGIN
        SELECT string_agg(word, ' | ')::tsquery INTO worthwhile FROM (
            SELECT word, sum(expected) OVER (ORDER BY expected, word) AS up_to_here
            FROM (
                SELECT word, expected_matches(word, model) AS expected
                FROM (SELECT DISTINCT unnest(string_to_array(query::text, ' | ')) AS word) AS asked
            ) AS weighed
        ) AS added WHERE up_to_here <= 250;
        -- Planned for these very words: they decide which index serves.
        RETURN QUERY EXECUTE '
            SELECT id, ts_rank(words, $1, 1)
            FROM chunks
            WHERE words @@ $2 AND workspace_id = $3 AND embedding_model = $4
            ORDER BY 2 DESC, 1
            LIMIT $5' USING query, worthwhile, current_workspace(), model, most;
    END $$;

-- How many chunks of the workspace hold a word, as the planner sees it: from statistics, without looking.
CREATE FUNCTION expected_matches(word text, model text) RETURNS double precision
    LANGUAGE plpgsql
    AS $$
    DECLARE
        plan json;
    BEGIN
        EXECUTE format('EXPLAIN (FORMAT JSON) SELECT FROM chunks
            WHERE words @@ %L::tsquery AND workspace_id = %L AND embedding_model = %L',
            word, current_workspace(), model) INTO plan;
        RETURN plan -> 0 -> 'Plan' -> 'Plan Rows';
    END $$;

ALTER FUNCTION find_workspace(text, text) OWNER TO supportmax_lookup;
ALTER FUNCTION all_workspaces() OWNER TO supportmax_lookup;
ALTER FUNCTION match_words(tsquery, text, integer) OWNER TO supportmax_lookup;
ALTER FUNCTION expected_matches(text, text) OWNER TO supportmax_lookup;
REVOKE ALL ON FUNCTION find_workspace(text, text), all_workspaces(), match_words(tsquery, text, integer),
    expected_matches(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_workspace(text, text), all_workspaces(), match_words(tsquery, text, integer)
    TO supportmax_app;
REVOKE CREATE ON SCHEMA public FROM supportmax_lookup;
