GRANT CREATE ON SCHEMA public TO supportmax_lookup;
CREATE OR REPLACE FUNCTION find_tickets_by_age(wanted jsonb, most integer) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE ROWS 50 SET search_path = public, pg_temp
    AS $$
    DECLARE
        conditions text := format('t.workspace_id = %L', current_workspace());
        source text := 'tickets t';
        ordering text := '';
        gathered text;
        few bigint;
        words tsquery;
        one record;
        direction CONSTANT text := CASE WHEN (wanted ->> 'descending')::boolean THEN 'DESC' ELSE 'ASC' END;
        beyond CONSTANT text := CASE direction WHEN 'DESC' THEN '<' ELSE '>' END;
    BEGIN
        FOR one IN SELECT c, coalesce((c ->> 'not')::boolean, false) AS turned
            FROM jsonb_array_elements(wanted -> 'conditions') c
        LOOP
            conditions := conditions || format(CASE WHEN one.turned THEN ' AND (%s) IS NOT TRUE' ELSE ' AND %s' END,
                ticket_condition(one.c));
        END LOOP;
        IF NOT wanted -> 'conditions' @> '[{"field": "deleted_at"}]' THEN
            conditions := conditions || ' AND t.deleted_at IS NULL';
        END IF;
        FOR one IN SELECT phraseto_tsquery('english', w ->> 'text') AS query, (w ->> 'not')::boolean AS turned
            FROM jsonb_array_elements(wanted -> 'words') w
        LOOP
            CONTINUE WHEN numnode(one.query) = 0; -- words like "the", which no index holds
            one.query := CASE WHEN one.turned THEN !!one.query ELSE one.query END;
            words := coalesce(words && one.query, one.query);
        END LOOP;
        IF words IS NOT NULL THEN
            source := source || ' JOIN ticket_texts x ON x.ticket_id = t.id';
            conditions := conditions || format(' AND x.words @@ %L::tsquery', words);
        END IF;
        IF wanted ->> 'sort' = 'created' THEN
            ordering := format(' ORDER BY t.id %s', direction);
            IF wanted -> 'after' ? 'id' THEN
                conditions := conditions || format(' AND t.id %s %L', beyond, wanted -> 'after' ->> 'id');
            END IF;
        ELSIF wanted ->> 'sort' = 'updated' THEN
            ordering := format(' ORDER BY t.updated_at %1$s, t.id %1$s', direction);
            IF wanted -> 'after' ? 'id' THEN
                conditions := conditions || format(' AND (t.updated_at, t.id) %s (%L, %L)', beyond,
                    wanted -> 'after' ->> 'at', wanted -> 'after' ->> 'id');
            END IF;
        END IF;
        -- Words, tags and fields: the planner knows little of how often they meet the rest, and might read the whole desk
        -- in order for a page that its rarest word would give at once. So a few that meet all are gathered first; only
        -- if there are many is the desk read in order, which then ends soon.
        IF ordering <> '' AND (words IS NOT NULL OR wanted -> 'conditions' @> ANY (ARRAY[
            '[{"field": "tags"}]', '[{"field": "custom_fields"}]']::jsonb[])) THEN
            gathered := format('WITH t AS MATERIALIZED (SELECT t.id, t.updated_at FROM %s WHERE %s LIMIT 1001) ',
                source, conditions);
            EXECUTE gathered || 'SELECT count(*) FROM t' INTO few;
            IF few <= 1000 THEN
                RETURN QUERY EXECUTE gathered || format('SELECT t.id FROM t%s LIMIT %s', ordering, most);
                RETURN;
            END IF;
        END IF;
        RETURN QUERY EXECUTE format('SELECT t.id FROM %s WHERE %s%s LIMIT %s', source, conditions, ordering, most);
    END $$;

DROP FUNCTION ticket_search(jsonb);
REVOKE CREATE ON SCHEMA public FROM supportmax_lookup;
