DROP VIEW chats;
DROP FUNCTION is_widget_origin(text[]);
DROP TRIGGER take_session_position ON messages;
DROP FUNCTION take_session_position();
DROP TABLE message_keys;
CREATE INDEX messages_of_session ON messages (session_id, id);
DROP INDEX messages_in_session;
ALTER TABLE messages DROP COLUMN session_position;
DROP INDEX sessions_of_requester, sessions_by_visitor_email, sessions_of_widget_key, sessions_by_expiry;
ALTER TABLE sessions
    DROP COLUMN widget_key_id, DROP COLUMN visitor, DROP COLUMN visitor_name, DROP COLUMN visitor_email,
    DROP COLUMN token_hash, DROP COLUMN expires_at, DROP COLUMN ended_at, DROP COLUMN ended_by, DROP COLUMN in_charge,
    DROP COLUMN news, DROP COLUMN visitor_typing_at, DROP COLUMN agent_typing_at, DROP COLUMN visitor_read,
    DROP COLUMN agent_read;
DROP TABLE widget_keys;
