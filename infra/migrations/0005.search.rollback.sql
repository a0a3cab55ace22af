DROP FUNCTION note_indexed(text, integer, regconfig), count_words(text);
DROP TABLE common_words, search_statistics;
-- As it was in 0002.
CREATE OR REPLACE FUNCTION match_words(query tsquery, model text, most integer)
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
GRANT CREATE ON SCHEMA public TO supportmax_lookup;
ALTER FUNCTION expected_matches(text, text) OWNER TO supportmax_lookup;
REVOKE CREATE ON SCHEMA public FROM supportmax_lookup;
REVOKE ALL ON FUNCTION expected_matches(text, text) FROM PUBLIC;
DROP INDEX chunks_by_embedding;
DELETE FROM chunks WHERE vector_dims(embedding) <> 384;
DELETE FROM labelled_examples WHERE vector_dims(embedding) <> 384;
ALTER TABLE chunks ALTER COLUMN embedding TYPE vector(384);
ALTER TABLE labelled_examples ALTER COLUMN embedding TYPE vector(384);
CREATE INDEX chunks_by_embedding ON chunks USING hnsw (embedding vector_cosine_ops);
