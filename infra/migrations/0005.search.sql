-- Vectors of more than one model side by side: an index per model, over that model's rows only. And what a search must
-- know of a workspace before it starts: how large it is, in which languages, and which of its words are common.
-- depends: 0004.triage_learning

DROP INDEX chunks_by_embedding;
ALTER TABLE chunks ALTER COLUMN embedding TYPE vector;
ALTER TABLE labelled_examples ALTER COLUMN embedding TYPE vector;
CREATE INDEX chunks_by_embedding ON chunks USING hnsw ((embedding::vector(384)) vector_cosine_ops)
    WHERE embedding_model = 'all-MiniLM-L6-v2-int8';

-- Of an index (a workspace's chunks of one model). `chunks`: when they were last counted; `changed`: put in since then.
CREATE TABLE search_statistics (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    embedding_model text NOT NULL,
    chunks integer NOT NULL DEFAULT 0,
    changed integer NOT NULL DEFAULT 0,
    text_configs regconfig[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (workspace_id, embedding_model)
);

-- The words that more than 20 chunks hold, and how many do. Any other word is rare.
CREATE TABLE common_words (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    embedding_model text NOT NULL,
    word text NOT NULL,
    chunks integer NOT NULL,
    PRIMARY KEY (workspace_id, embedding_model, word)
);
CALL keep_workspaces_apart(ARRAY['search_statistics', 'common_words']);
CREATE POLICY lookup ON search_statistics FOR SELECT TO supportmax_lookup USING (true);
CREATE POLICY lookup ON common_words FOR SELECT TO supportmax_lookup USING (true);
GRANT SELECT ON search_statistics, common_words TO supportmax_lookup;

-- Counts the chunks of the workspace, and the words of about 5,000 of them.
CREATE FUNCTION count_words(model text) RETURNS void
    LANGUAGE plpgsql SET search_path = public, pg_temp
    AS $$
    DECLARE
        total integer;
        looked_at integer;
    BEGIN
        SELECT count(*) INTO total FROM chunks
        WHERE workspace_id = current_workspace() AND embedding_model = model;
        looked_at := least(total, 5000);
        INSERT INTO search_statistics AS s (workspace_id, embedding_model, chunks, text_configs)
        VALUES (current_workspace(), model, total, ARRAY(SELECT DISTINCT text_config FROM chunks
            WHERE workspace_id = current_workspace() AND embedding_model = model ORDER BY 1))
        ON CONFLICT (workspace_id, embedding_model)
            DO UPDATE SET chunks = excluded.chunks, text_configs = excluded.text_configs, changed = 0;
        DELETE FROM common_words WHERE workspace_id = current_workspace() AND embedding_model = model;
        INSERT INTO common_words (workspace_id, embedding_model, word, chunks)
        SELECT current_workspace(), model, lexeme, round(count(*) * (total::float8 / looked_at))
        FROM chunks c, unnest(c.words)
        WHERE c.workspace_id = current_workspace() AND c.embedding_model = model
            -- The id decides by chance, and the same way each time.
            AND mod(abs(hashtext(c.id::text)::bigint), total) < looked_at
        GROUP BY lexeme HAVING count(*) * (total::float8 / looked_at) > 20;
    END $$;

-- Called with each article that is indexed. Counting again as the index grows by a tenth costs little in the long run.
CREATE FUNCTION note_indexed(model text, added integer, config regconfig) RETURNS void
    LANGUAGE plpgsql SET search_path = public, pg_temp
    AS $$
    DECLARE
        worth_counting boolean;
    BEGIN
        INSERT INTO search_statistics AS s (workspace_id, embedding_model, changed, text_configs)
        VALUES (current_workspace(), model, added, ARRAY[config])
        ON CONFLICT (workspace_id, embedding_model) DO UPDATE SET changed = s.changed + excluded.changed,
            text_configs = CASE WHEN config = ANY (s.text_configs) THEN s.text_configs ELSE s.text_configs || config END
        RETURNING changed > 50 + chunks / 10 INTO worth_counting;
        IF worth_counting THEN
            PERFORM count_words(model);
        END IF;
    END $$;

-- As before, words are taken from the rarest on as long as together they match no more than 250 chunks; how rare they
-- are is looked up now, not asked of the planner (0.1 ms a word). The rank is the share of what the question says that
-- a chunk holds, each word counting by its rarity: from 0 to 1.
CREATE OR REPLACE FUNCTION match_words(query tsquery, model text, most integer)
    RETURNS TABLE (chunk_id uuid, rank real)
    LANGUAGE plpgsql SECURITY DEFINER ROWS 40 SET search_path = public, pg_temp
    AS $$
    DECLARE
        mine CONSTANT uuid := current_workspace();
        total float8;
        terms tsquery[];
        weights float8[];
        whole float8;
    BEGIN
        IF query IS NULL THEN
            RETURN;
        END IF;
        SELECT s.chunks INTO total FROM search_statistics s WHERE s.workspace_id = mine AND s.embedding_model = model;
        total := coalesce(total, 0);
        SELECT array_agg(term::tsquery) FILTER (WHERE up_to_here <= 250),
            array_agg(weight) FILTER (WHERE up_to_here <= 250), sum(weight)
        INTO terms, weights, whole
        FROM (
            SELECT term, ln(2 + total / expected) AS weight, sum(expected) OVER (ORDER BY expected, term) AS up_to_here
            FROM (
                SELECT asked.term, coalesce(c.chunks, 10) AS expected
                FROM (SELECT DISTINCT unnest(string_to_array(query::text, ' | ')) AS term) AS asked
                    LEFT JOIN common_words c ON c.workspace_id = mine AND c.embedding_model = model
                        AND c.word = replace(trim(BOTH '''' FROM asked.term), '''''', '''')
            ) AS weighed
        ) AS added;
        IF terms IS NULL THEN
            RETURN;
        END IF;
        IF total * 5 < (SELECT reltuples FROM pg_class WHERE oid = 'chunks'::regclass) AND total <= 20000 THEN
            -- A small part of a large table: a word that is rare here may be common there.
            RETURN QUERY
            WITH own AS MATERIALIZED (
                SELECT id, words FROM chunks WHERE workspace_id = mine AND embedding_model = model
            )
            SELECT own.id, (sum(t.weight) / whole)::real
            FROM unnest(terms, weights) AS t (term, weight) JOIN own ON own.words @@ t.term
            GROUP BY own.id ORDER BY 2 DESC, 1 LIMIT most;
        ELSE
            RETURN QUERY
            SELECT c.id, (sum(t.weight) / whole)::real
            FROM unnest(terms, weights) AS t (term, weight) JOIN chunks c ON c.words @@ t.term
            WHERE c.workspace_id = mine AND c.embedding_model = model
            GROUP BY c.id ORDER BY 2 DESC, 1 LIMIT most;
        END IF;
    END $$;
DROP FUNCTION expected_matches(text, text);

-- What is indexed already. The owner is behind the walls, too, unless they are opened.
ALTER TABLE workspaces NO FORCE ROW LEVEL SECURITY;
DO $$
DECLARE
    workspace uuid;
BEGIN
    FOR workspace IN SELECT id FROM workspaces LOOP
        PERFORM set_config('supportmax.workspace', workspace::text, true);
        PERFORM count_words(model) FROM (SELECT DISTINCT embedding_model AS model FROM chunks) AS models;
    END LOOP;
    PERFORM set_config('supportmax.workspace', '', true);
END $$;
ALTER TABLE workspaces FORCE ROW LEVEL SECURITY;
