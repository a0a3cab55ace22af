-- A number that tells when the chunks that a process keeps in memory are no longer those of the database.
-- depends: 0062.ticket_search_plans

-- Numbers come from a sequence, so that one that was rolled back is never given to something else.
CREATE SEQUENCE search_version_numbers;
GRANT USAGE ON SEQUENCE search_version_numbers TO supportmax_app;
CREATE TABLE search_versions (
    workspace_id uuid PRIMARY KEY REFERENCES workspaces ON DELETE CASCADE,
    version bigint NOT NULL
);
CALL keep_workspaces_apart(ARRAY['search_versions']);

-- By the database, so that no way of changing what is searched can forget it. Deferred to the commit and done once there:
-- writers of one workspace wait for each other when they hold everything else that they need, so never in a circle.
CREATE FUNCTION note_searchable_change() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp
    AS $$
    DECLARE
        changed CONSTANT uuid := coalesce(NEW.workspace_id, OLD.workspace_id);
    BEGIN
        IF current_setting('supportmax.searchable_changed', true) IS DISTINCT FROM changed::text THEN
            PERFORM set_config('supportmax.searchable_changed', changed::text, true);
            INSERT INTO search_versions (workspace_id, version)
            SELECT id, nextval('search_version_numbers') FROM workspaces WHERE id = changed
            ON CONFLICT (workspace_id) DO UPDATE SET version = excluded.version;
        END IF;
        RETURN NULL;
    END $$;
CREATE CONSTRAINT TRIGGER chunks_changed AFTER INSERT OR UPDATE OR DELETE ON chunks
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_searchable_change();
CREATE CONSTRAINT TRIGGER searchable_article_changed
    AFTER UPDATE OF external_id, title, topics, language, status, body ON articles
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_searchable_change();
