CREATE OR REPLACE FUNCTION take_session_position() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        UPDATE sessions SET news = news + 1, last_active_at = now()
        WHERE id = NEW.session_id AND workspace_id = NEW.workspace_id
        RETURNING news INTO NEW.session_position;
        NEW.session_position := coalesce(NEW.session_position, 0);
        RETURN NEW;
    END $$;
DROP INDEX sessions_to_end;
CREATE INDEX sessions_by_expiry ON sessions (workspace_id, expires_at) WHERE ended_at IS NULL AND expires_at IS NOT NULL;
ALTER TABLE sessions DROP COLUMN transcript_sent_at;
DROP TABLE chat_settings;
