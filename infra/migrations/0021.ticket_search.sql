-- Finding tickets: the words of each one in a table of their own, so that a changed status costs no work on the index
-- of words; and one function that answers every list, search and count.
-- depends: 0020.ticket_details

CREATE TABLE ticket_texts (
    ticket_id uuid PRIMARY KEY REFERENCES tickets ON DELETE CASCADE,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    words tsvector NOT NULL
);
CREATE INDEX ticket_texts_by_words ON ticket_texts USING gin (words);
CREATE INDEX ticket_texts_of_workspace ON ticket_texts (workspace_id);

CREATE TABLE ticket_views (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    -- NULL: everybody's.
    owner_id uuid REFERENCES users ON DELETE CASCADE,
    title text NOT NULL,
    query text NOT NULL,
    position integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ticket_views_of_workspace ON ticket_views (workspace_id, position, id);
CREATE INDEX ticket_views_of_owner ON ticket_views (owner_id) WHERE owner_id IS NOT NULL;

CALL keep_workspaces_apart(ARRAY['ticket_texts', 'ticket_views']);

-- The words as they are now, from all there is. A text is cut where a tsvector would burst (1 MB).
CREATE FUNCTION gather_ticket_words(wanted uuid) RETURNS void
    LANGUAGE sql SET search_path = public, pg_temp
    AS $$
    INSERT INTO ticket_texts (ticket_id, workspace_id, words)
    SELECT t.id, t.workspace_id, setweight(to_tsvector('english', t.subject), 'A') || to_tsvector('english', coalesce((
        SELECT left(string_agg(left(m.body, 20000), E'\n'), 300000)
        FROM (SELECT body FROM messages WHERE ticket_id = wanted ORDER BY id LIMIT 500) m
    ), ''))
    FROM tickets t WHERE t.id = wanted
    ON CONFLICT (ticket_id) DO UPDATE SET words = excluded.words
    $$;

CREATE FUNCTION note_ticket_words() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp
    AS $$
    BEGIN
        PERFORM gather_ticket_words(NEW.id);
        RETURN NULL;
    END $$;

-- A new message only adds words; past some thousand different ones nothing is added.
CREATE FUNCTION note_message_words() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND OLD.ticket_id IS NULL) THEN
            UPDATE ticket_texts SET words = words || to_tsvector('english', left(NEW.body, 20000))
            WHERE ticket_id = NEW.ticket_id AND length(words) < 5000;
        ELSE
            PERFORM gather_ticket_words(OLD.ticket_id);
            IF TG_OP = 'UPDATE' AND NEW.ticket_id IS DISTINCT FROM OLD.ticket_id THEN
                PERFORM gather_ticket_words(NEW.ticket_id);
            END IF;
        END IF;
        RETURN NULL;
    END $$;

CREATE TRIGGER words_of_new_ticket AFTER INSERT ON tickets
    FOR EACH ROW EXECUTE FUNCTION note_ticket_words();
CREATE TRIGGER words_of_subject AFTER UPDATE OF subject ON tickets
    FOR EACH ROW WHEN (NEW.subject <> OLD.subject) EXECUTE FUNCTION note_ticket_words();
CREATE TRIGGER words_of_new_message AFTER INSERT ON messages
    FOR EACH ROW WHEN (NEW.ticket_id IS NOT NULL) EXECUTE FUNCTION note_message_words();
CREATE TRIGGER words_of_changed_message AFTER UPDATE OF ticket_id, body ON messages
    FOR EACH ROW WHEN (NEW.ticket_id IS DISTINCT FROM OLD.ticket_id OR NEW.body <> OLD.body)
    EXECUTE FUNCTION note_message_words();
CREATE TRIGGER words_of_deleted_message AFTER DELETE ON messages
    FOR EACH ROW WHEN (OLD.ticket_id IS NOT NULL) EXECUTE FUNCTION note_message_words();

-- What is there already. The owner is behind the walls, too, unless they are opened.
ALTER TABLE workspaces NO FORCE ROW LEVEL SECURITY;
DO $$
DECLARE
    workspace uuid;
BEGIN
    FOR workspace IN SELECT id FROM workspaces LOOP
        PERFORM set_config('supportmax.workspace', workspace::text, true);
        PERFORM gather_ticket_words(id) FROM tickets;
    END LOOP;
    PERFORM set_config('supportmax.workspace', '', true);
END $$;
ALTER TABLE workspaces FORCE ROW LEVEL SECURITY;

GRANT CREATE ON SCHEMA public TO supportmax_lookup;
CREATE POLICY lookup ON tickets FOR SELECT TO supportmax_lookup USING (true);
CREATE POLICY lookup ON ticket_texts FOR SELECT TO supportmax_lookup USING (true);
CREATE POLICY lookup ON ticket_followers FOR SELECT TO supportmax_lookup USING (true);
GRANT SELECT ON tickets, ticket_texts, ticket_followers TO supportmax_lookup;

-- One condition as SQL. A field's name is one of those written here; a value is always quoted.
--   {"field": "status", "values": ["open", "pending"]}    one of these; no values: the field is empty
--   {"field": "updated_at", "op": "<", "value": "2026-01-01T00:00:00Z"}
--   {"field": "custom_fields", "values": [{"plan": "gold"}]}
CREATE FUNCTION ticket_condition(c jsonb) RETURNS text
    LANGUAGE plpgsql IMMUTABLE SET search_path = public, pg_temp
    AS $$
    DECLARE
        field CONSTANT text := c ->> 'field';
        texts CONSTANT text[] := ARRAY(SELECT jsonb_array_elements_text(c -> 'values'));
    BEGIN
        IF c ? 'op' THEN
            IF field IN ('updated_at', 'solved_at', 'snoozed_until') AND c ->> 'op' IN ('<', '<=', '>', '>=') THEN
                RETURN format('t.%I %s %L::timestamptz', field, c ->> 'op', c ->> 'value');
            ELSIF field = 'id' AND c ->> 'op' IN ('<', '>=') THEN
                RETURN format('t.id %s %L::uuid', c ->> 'op', c ->> 'value');
            END IF;
        ELSIF field = 'tags' THEN
            RETURN format('t.tags && %L::text[]', texts);
        ELSIF field = 'custom_fields' THEN
            RETURN (SELECT '(' || string_agg(format('t.custom_fields @> %L::jsonb', v), ' OR ') || ')'
                FROM jsonb_array_elements(c -> 'values') v);
        ELSIF field = 'custom_field_empty' THEN
            RETURN format('NOT t.custom_fields ? %L', texts[1]);
        ELSIF field = 'follower_id' THEN
            RETURN format('EXISTS (SELECT FROM ticket_followers f WHERE f.ticket_id = t.id AND f.user_id = ANY (%L))',
                texts);
        ELSIF field IN ('snoozed_until', 'merged_into_id', 'deleted_at') THEN
            RETURN format('t.%I IS NOT NULL', field);
        ELSIF field IN ('status', 'priority', 'type', 'category', 'channel', 'language', 'sentiment', 'number',
            'assignee_id', 'group_id', 'requester_id') THEN
            RETURN CASE cardinality(texts)
                WHEN 0 THEN format('t.%I IS NULL', field)
                WHEN 1 THEN format('t.%I = %L', field, texts[1])
                ELSE format('t.%I = ANY (%L)', field, texts)
            END;
        END IF;
        RAISE EXCEPTION 'no such condition: %', c;
    END $$;

-- The tickets of the workspace that meet all conditions, in order. Row-level security lets no index serve words or tags
-- (neither @@ nor && is leakproof); this function may, because its owner has an open policy and it filters by the
-- workspace of the transaction itself. It gives ids only. Planned for these very values: they decide which index
-- serves.
--   {"conditions": [… , each with "not": true to turn it], "words": [{"text": "card swallowed", "not": false}],
--    "sort": "created" or "updated", "descending": true, "after": {"id": …, "at": …}}; without a sort: in any order
CREATE FUNCTION find_tickets(wanted jsonb, most integer) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50 SET search_path = public, pg_temp
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

ALTER FUNCTION find_tickets(jsonb, integer) OWNER TO supportmax_lookup;
ALTER FUNCTION ticket_condition(jsonb) OWNER TO supportmax_lookup;
REVOKE ALL ON FUNCTION find_tickets(jsonb, integer), ticket_condition(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_tickets(jsonb, integer) TO supportmax_app;
REVOKE CREATE ON SCHEMA public FROM supportmax_lookup;
