-- A search costs what its page holds, whatever the desk holds.
-- depends: 0061.ticket_indexes

GRANT CREATE ON SCHEMA public TO supportmax_lookup;

-- A search as SQL. `plain`: what the planner knows the frequency of, and has indexes for that hold tickets in order.
-- `searched`: words, tags and own fields, of which it knows little; NULL without. `source`: the tables for both.
-- `ordering`: NULL where no order is wanted. `after`: where in the order to go on.
CREATE FUNCTION ticket_search(wanted jsonb, OUT plain text, OUT searched text, OUT source text, OUT ordering text,
        OUT after text)
    LANGUAGE plpgsql STABLE SET search_path = public, pg_temp
    AS $$
    DECLARE
        direction CONSTANT text := CASE WHEN (wanted ->> 'descending')::boolean THEN 'DESC' ELSE 'ASC' END;
        beyond CONSTANT text := CASE direction WHEN 'DESC' THEN '<' ELSE '>' END;
        words tsquery;
        done text;
        one record;
    BEGIN
        plain := format('t.workspace_id = %L', current_workspace());
        source := 'tickets t';
        FOR one IN SELECT c, coalesce((c ->> 'not')::boolean, false) AS turned, c ->> 'field' AS field
            FROM jsonb_array_elements(wanted -> 'conditions') c
        LOOP
            IF one.field IN ('tags', 'custom_fields', 'custom_field_empty') THEN
                searched := concat_ws(' AND ', searched, format(CASE WHEN one.turned THEN '(%s) IS NOT TRUE' ELSE '%s' END,
                    ticket_condition(one.c)));
            ELSIF one.field = 'status' AND NOT one.turned AND one.c -> 'values' IN ('["solved"]', '["closed"]') THEN
                done := one.c -> 'values' ->> 0;
                plain := plain || format(' AND t.status BETWEEN %1$L AND %1$L', done);
            ELSE
                plain := plain || format(CASE WHEN one.turned THEN ' AND (%s) IS NOT TRUE' ELSE ' AND %s' END,
                    ticket_condition(one.c));
            END IF;
        END LOOP;
        IF NOT wanted -> 'conditions' @> '[{"field": "deleted_at"}]' THEN
            plain := plain || ' AND t.deleted_at IS NULL';
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
            searched := concat_ws(' AND ', searched, format('x.words @@ %L::tsquery', words));
        END IF;
        IF wanted ->> 'sort' = 'created' THEN
            ordering := format('t.id %s', direction);
            after := format(' AND t.id %s %L', beyond, wanted -> 'after' ->> 'id');
        ELSIF wanted ->> 'sort' = 'updated' THEN
            ordering := format('t.updated_at %1$s, t.id %1$s', direction);
            after := format(' AND (t.updated_at, t.id) %s (%L, %L)', beyond, wanted -> 'after' ->> 'at',
                wanted -> 'after' ->> 'id');
        END IF;
        after := CASE WHEN wanted -> 'after' ? 'id' THEN after ELSE '' END;
        -- The newest tickets are not closed, and the planner takes closed ones to be everywhere: for a page of them it
        -- would read past all others. With the status in the order, which an equality would take out of it again, only
        -- the indexes by status have this order.
        IF done IS NOT NULL THEN
            ordering := format('t.status %s, ', CASE direction WHEN 'DESC' THEN 'ASC' ELSE 'DESC' END) || ordering;
        END IF;
    END $$;

-- With words, tags or own fields there are two ways to a page: to read the desk in order until the page is full, and to
-- gather all that match and sort them. Of n tickets of which m match, the first reads n / m tickets for each that it
-- finds, the second m in all, from all over the disk. The planner cannot tell m. So the newest hundred are looked at: if
-- they say that many match, the desk is read in order, so far as that takes if they are right. Otherwise, and if they
-- were not, those that match are gathered, unless they turn out to be many. All by one process: to start others takes
-- longer than a page.
CREATE OR REPLACE FUNCTION find_tickets_by_age(wanted jsonb, most integer) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE ROWS 50
    SET search_path = public, pg_temp SET max_parallel_workers_per_gather = 0
    AS $$
    DECLARE
        q CONSTANT record := ticket_search(wanted);
        tickets CONSTANT float := (SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = 'tickets'::regclass);
        many CONSTANT integer := greatest(1000, sqrt(tickets * most) / 2);
        -- In order, of so many of the first tickets.
        in_order CONSTANT text := format('SELECT ARRAY(SELECT t.id FROM %s WHERE %s ORDER BY %s LIMIT %s)',
            replace(q.source, 'tickets t', format('(SELECT t.id, t.updated_at, t.status, t.tags, t.custom_fields
                FROM tickets t WHERE %s ORDER BY %s LIMIT $1) t', q.plain || q.after, q.ordering)),
            q.searched, q.ordering, most);
        few bigint;
        found uuid[];
    BEGIN
        IF q.searched IS NOT NULL AND q.ordering IS NOT NULL THEN
            EXECUTE in_order INTO found USING 100;
            IF cardinality(found) < most AND cardinality(found) * tickets >= many * 100 THEN
                EXECUTE in_order INTO found USING ceil(tickets * most / many)::bigint;
            END IF;
            IF cardinality(found) < most THEN
                EXECUTE format('WITH t AS MATERIALIZED (
                        SELECT t.id, t.updated_at, t.status FROM %s WHERE %s AND %s LIMIT %s
                    ) SELECT (SELECT count(*) FROM t), ARRAY(SELECT t.id FROM t ORDER BY %s LIMIT %s)',
                    q.source, q.plain || q.after, q.searched, many + 1, q.ordering, most) INTO few, found;
            END IF;
            IF cardinality(found) = most AND few IS NULL OR few <= many THEN
                RETURN QUERY SELECT unnest(found);
                RETURN;
            END IF;
        END IF;
        RETURN QUERY EXECUTE format('SELECT t.id FROM %s WHERE %s LIMIT %s', q.source,
            concat_ws(' AND ', q.plain || q.after, q.searched) || coalesce(' ORDER BY ' || q.ordering, ''), most);
    END $$;

ALTER FUNCTION ticket_search(jsonb) OWNER TO supportmax_lookup;
REVOKE ALL ON FUNCTION ticket_search(jsonb) FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM supportmax_lookup;
