-- How chats are kept: when somebody is there, what is said when nobody is, and when a silent chat ends.
-- depends: 0058.verified_visitors

-- `business_hours_id` NULL: somebody is always there. In `away_message` {opens} is when somebody is there again.
CREATE TABLE chat_settings (
    workspace_id uuid PRIMARY KEY REFERENCES workspaces ON DELETE CASCADE,
    business_hours_id uuid REFERENCES business_hours ON DELETE SET NULL,
    away_message text,
    idle_hours integer NOT NULL CHECK (idle_hours BETWEEN 1 AND 168)
);
CREATE INDEX chat_settings_of_hours ON chat_settings (business_hours_id) WHERE business_hours_id IS NOT NULL;
CALL keep_workspaces_apart(ARRAY['chat_settings']);

ALTER TABLE sessions ADD COLUMN transcript_sent_at timestamptz;
DROP INDEX sessions_by_expiry;
CREATE INDEX sessions_to_end ON sessions (workspace_id, last_active_at) WHERE ended_at IS NULL AND visitor IS NOT NULL;

-- As before; and whoever has said it types no more.
CREATE OR REPLACE FUNCTION take_session_position() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        UPDATE sessions SET news = news + 1, last_active_at = now(),
            visitor_typing_at = CASE WHEN NEW.author_kind <> 'customer' THEN visitor_typing_at END,
            agent_typing_at = CASE WHEN NEW.author_kind <> 'agent' THEN agent_typing_at END
        WHERE id = NEW.session_id AND workspace_id = NEW.workspace_id
        RETURNING news INTO NEW.session_position;
        NEW.session_position := coalesce(NEW.session_position, 0);
        RETURN NEW;
    END $$;
