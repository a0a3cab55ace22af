-- Chat for widgets: keys with their origins, visitors and their tokens, and an order of messages to read by.
-- depends: 0054.ticket_vectors

-- A widget's key is public: it stands in the page. `former_key` is good until `former_until`, for pages in caches.
-- `allowed_origins`: as browsers send them, or `https://*.example.com` for every subdomain.
CREATE TABLE widget_keys (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    name text NOT NULL,
    key text NOT NULL,
    former_key text,
    former_until timestamptz,
    allowed_origins text[] NOT NULL,
    created_by uuid REFERENCES users ON DELETE SET NULL,
    last_used_at timestamptz,
    revoked_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX widget_keys_newest ON widget_keys (workspace_id, id DESC);
CREATE INDEX widget_keys_of_user ON widget_keys (created_by) WHERE created_by IS NOT NULL;
CREATE INDEX widget_keys_by_origin ON widget_keys USING gin (allowed_origins) WHERE revoked_at IS NULL;

-- `visitor` is NULL where there is no token: whoever holds the id of such a session may read it (`POST /chat`).
-- `visitor_name` and `visitor_email` are what a claimed visitor said; nobody has checked it.
-- `in_charge` is set while an agent took the chat, or gave it back; NULL: whoever replied last, as the ticket tells.
-- `news` counts what a reader of the session has not seen before: messages, typing, marks of what was read.
-- `visitor_read` and `agent_read` are positions of messages.
ALTER TABLE sessions
    ADD COLUMN widget_key_id uuid REFERENCES widget_keys ON DELETE SET NULL,
    ADD COLUMN visitor text CHECK (visitor IN ('anonymous', 'claimed', 'verified')),
    ADD COLUMN visitor_name text,
    ADD COLUMN visitor_email text,
    ADD COLUMN token_hash bytea,
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN ended_at timestamptz,
    ADD COLUMN ended_by text CHECK (ended_by IN ('visitor', 'agent', 'inactivity')),
    ADD COLUMN in_charge text CHECK (in_charge IN ('assistant', 'agent')),
    ADD COLUMN news bigint NOT NULL DEFAULT 0,
    ADD COLUMN visitor_typing_at timestamptz,
    ADD COLUMN agent_typing_at timestamptz,
    ADD COLUMN visitor_read bigint NOT NULL DEFAULT 0,
    ADD COLUMN agent_read bigint NOT NULL DEFAULT 0;
CREATE INDEX sessions_of_requester ON sessions (requester_id, id DESC) WHERE requester_id IS NOT NULL;
CREATE INDEX sessions_by_visitor_email ON sessions (workspace_id, visitor_email) WHERE visitor_email IS NOT NULL;
CREATE INDEX sessions_of_widget_key ON sessions (widget_key_id) WHERE widget_key_id IS NOT NULL;
CREATE INDEX sessions_by_expiry ON sessions (workspace_id, expires_at) WHERE ended_at IS NULL AND expires_at IS NOT NULL;

-- The order in which messages of a session were committed. Ids are made before: a reader who has seen a younger id would
-- never see one that is committed later. Messages from before this column have 0, and are in the order of their ids.
ALTER TABLE messages ADD COLUMN session_position bigint NOT NULL DEFAULT 0;
CREATE INDEX messages_in_session ON messages (session_id, session_position, id) WHERE session_id IS NOT NULL;
DROP INDEX messages_of_session;

-- The session's row is locked until the message is committed, which makes positions the order of commits.
CREATE FUNCTION take_session_position() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        UPDATE sessions SET news = news + 1, last_active_at = now()
        WHERE id = NEW.session_id AND workspace_id = NEW.workspace_id
        RETURNING news INTO NEW.session_position;
        NEW.session_position := coalesce(NEW.session_position, 0);
        RETURN NEW;
    END $$;
CREATE TRIGGER take_session_position BEFORE INSERT ON messages
    FOR EACH ROW WHEN (NEW.session_id IS NOT NULL AND NEW.visibility = 'public') EXECUTE FUNCTION take_session_position();

-- Which message an Idempotency-Key brought, for as long as the session is there; and what was replied to it.
CREATE TABLE message_keys (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    session_id uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
    key text NOT NULL,
    message_id uuid NOT NULL REFERENCES messages ON DELETE CASCADE,
    reply_id uuid REFERENCES messages ON DELETE CASCADE,
    PRIMARY KEY (session_id, key)
);
CREATE INDEX message_keys_of_message ON message_keys (message_id);
CREATE INDEX message_keys_of_reply ON message_keys (reply_id) WHERE reply_id IS NOT NULL;

CALL keep_workspaces_apart(ARRAY['widget_keys', 'message_keys']);

-- A chat as visitors and agents see it. Its ticket is the newest one, or what that was merged into, unless it is over.
-- Whoever types says so every few seconds.
CREATE VIEW chats WITH (security_invoker = true) AS
SELECT s.id, s.workspace_id, s.requester_id, s.widget_key_id, s.visitor, s.visitor_name, s.visitor_email, s.token_hash,
    s.expires_at, s.ended_at, s.ended_by, s.news, s.visitor_read, s.agent_read, s.created_at, s.last_active_at,
    coalesce(s.visitor_typing_at > now() - interval '8 seconds', false) AS visitor_typing,
    coalesce(s.agent_typing_at > now() - interval '8 seconds', false) AS agent_typing,
    t.id AS ticket_id,
    CASE
        WHEN t.id IS NULL OR t.status IN ('solved', 'closed') THEN 'assistant'
        WHEN s.in_charge IS NOT NULL THEN s.in_charge
        WHEN t.first_response_at IS NOT NULL THEN 'agent'
        ELSE 'assistant'
    END AS in_charge
FROM sessions s LEFT JOIN LATERAL (
    SELECT goes_on.id, goes_on.status, goes_on.first_response_at
    FROM tickets k JOIN tickets goes_on ON goes_on.id = coalesce(k.merged_into_id, k.id)
    WHERE k.session_id = s.id AND goes_on.deleted_at IS NULL AND goes_on.status <> 'closed'
    ORDER BY k.id DESC
    LIMIT 1
) t ON true;
GRANT SELECT ON chats TO supportmax_app;

-- May a page of this origin talk to anybody here? A preflight names no workspace; the answer to it says yes or no only.
CREATE POLICY lookup ON widget_keys FOR SELECT TO supportmax_lookup USING (true);
GRANT SELECT ON widget_keys TO supportmax_lookup;
GRANT CREATE ON SCHEMA public TO supportmax_lookup;
CREATE FUNCTION is_widget_origin(patterns text[]) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT EXISTS (SELECT FROM widget_keys WHERE revoked_at IS NULL AND allowed_origins && patterns) $$;
ALTER FUNCTION is_widget_origin(text[]) OWNER TO supportmax_lookup;
REVOKE ALL ON FUNCTION is_widget_origin(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION is_widget_origin(text[]) TO supportmax_app;
REVOKE CREATE ON SCHEMA public FROM supportmax_lookup;
