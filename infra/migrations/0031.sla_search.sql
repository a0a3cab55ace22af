-- Finding tickets by their promises: `sla:overdue`, `due<2h`, and what is due soonest first.
-- depends: 0030.service_levels

GRANT CREATE ON SCHEMA public TO supportmax_lookup;
CREATE POLICY lookup ON ticket_clocks FOR SELECT TO supportmax_lookup USING (true);
GRANT SELECT ON ticket_clocks TO supportmax_lookup;

-- What find_tickets was goes on under it, for lists by age.
ALTER FUNCTION ticket_condition(jsonb) RENAME TO ticket_column_condition;
ALTER FUNCTION find_tickets(jsonb, integer) RENAME TO find_tickets_by_age;
ALTER FUNCTION find_tickets_by_age(jsonb, integer) SECURITY INVOKER;
REVOKE ALL ON FUNCTION find_tickets_by_age(jsonb, integer) FROM supportmax_app;

-- One condition as SQL, further forms than those of ticket_column_condition:
--   {"field": "sla", "values": ["overdue"]}    a promise of the ticket is in one of these states
--   {"field": "due_at", "op": "<", "value": "2026-01-01T00:00:00Z"}    of the promise that is due first
CREATE FUNCTION ticket_condition(c jsonb) RETURNS text
    LANGUAGE plpgsql IMMUTABLE SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF c ->> 'field' = 'sla' THEN
            RETURN format('EXISTS (SELECT FROM ticket_clocks k WHERE k.ticket_id = t.id AND (%s))', (
                SELECT string_agg(CASE state
                    WHEN 'breached' THEN 'k.breached_at IS NOT NULL'
                    WHEN 'overdue' THEN 'k.breached_at IS NOT NULL AND k.fulfilled_at IS NULL'
                    WHEN 'running' THEN 'k.running_since IS NOT NULL'
                    WHEN 'paused' THEN 'k.running_since IS NULL AND k.fulfilled_at IS NULL'
                END, ' OR ') FROM jsonb_array_elements_text(c -> 'values') state));
        ELSIF c ->> 'field' = 'due_at' AND c ->> 'op' IN ('<', '<=', '>', '>=') THEN
            RETURN format('EXISTS (SELECT FROM ticket_clocks k WHERE k.ticket_id = t.id AND k.is_next
                AND k.due_at %s %L::timestamptz)', c ->> 'op', c ->> 'value');
        END IF;
        RETURN ticket_column_condition(c);
    END $$;

-- Tickets that have something due, the soonest first: the index of the clocks that are next is read in order.
CREATE FUNCTION find_tickets_by_due(wanted jsonb, most integer) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE ROWS 50 SET search_path = public, pg_temp
    AS $$
    DECLARE
        conditions text := format('c.is_next AND c.workspace_id = %1$L AND t.workspace_id = %1$L', current_workspace());
        one record;
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
            conditions := conditions || format(' AND %s EXISTS (SELECT FROM ticket_texts x WHERE x.ticket_id = t.id
                AND x.words @@ %L::tsquery)', CASE WHEN one.turned THEN 'NOT' ELSE '' END, one.query);
        END LOOP;
        IF wanted -> 'after' ? 'id' THEN
            conditions := conditions || format(' AND (c.due_at, c.ticket_id) > (%L, %L)',
                wanted -> 'after' ->> 'at', wanted -> 'after' ->> 'id');
        END IF;
        RETURN QUERY EXECUTE format('SELECT t.id FROM ticket_clocks c JOIN tickets t ON t.id = c.ticket_id WHERE %s
            ORDER BY c.due_at, c.ticket_id LIMIT %s', conditions, most);
    END $$;

CREATE FUNCTION find_tickets(wanted jsonb, most integer) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50 SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF wanted ->> 'sort' = 'due' THEN
            RETURN QUERY SELECT find_tickets_by_due(wanted, most);
        ELSE
            RETURN QUERY SELECT find_tickets_by_age(wanted, most);
        END IF;
    END $$;

ALTER FUNCTION ticket_condition(jsonb) OWNER TO supportmax_lookup;
ALTER FUNCTION find_tickets_by_due(jsonb, integer) OWNER TO supportmax_lookup;
ALTER FUNCTION find_tickets(jsonb, integer) OWNER TO supportmax_lookup;
REVOKE ALL ON FUNCTION find_tickets(jsonb, integer), find_tickets_by_due(jsonb, integer), ticket_condition(jsonb)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_tickets(jsonb, integer) TO supportmax_app;
REVOKE CREATE ON SCHEMA public FROM supportmax_lookup;
