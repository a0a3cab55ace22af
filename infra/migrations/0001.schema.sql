-- The desk's tables. Row-level security follows in 0002, so that one file shows the shape and one the walls.
-- depends:

CREATE EXTENSION IF NOT EXISTS vector;

CREATE TABLE workspaces (
    id uuid PRIMARY KEY,
    slug text NOT NULL UNIQUE,
    name text NOT NULL,
    widget_key text NOT NULL UNIQUE,
    last_ticket_number bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE groups (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (workspace_id, name)
);

CREATE TABLE users (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('customer', 'agent', 'admin')),
    name text NOT NULL,
    email text CHECK (email = lower(email)),
    password_hash text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (workspace_id, email)
);

CREATE TABLE group_members (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    group_id uuid NOT NULL REFERENCES groups ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    PRIMARY KEY (group_id, user_id)
);

CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    requester_id uuid REFERENCES users ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_active_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE tickets (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    number bigint NOT NULL,
    subject text NOT NULL,
    status text NOT NULL CHECK (status IN ('new', 'open', 'pending', 'solved', 'closed')),
    priority text NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    channel text NOT NULL CHECK (channel IN ('chat', 'email', 'api')),
    category text,
    tags text[] NOT NULL DEFAULT '{}',
    language text,
    requester_id uuid REFERENCES users ON DELETE SET NULL,
    assignee_id uuid REFERENCES users ON DELETE SET NULL,
    group_id uuid REFERENCES groups ON DELETE SET NULL,
    session_id uuid REFERENCES sessions ON DELETE SET NULL,
    triage jsonb,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    first_response_at timestamptz,
    solved_at timestamptz,
    UNIQUE (workspace_id, number)
);
CREATE INDEX tickets_newest ON tickets (workspace_id, id DESC);
CREATE INDEX tickets_by_status ON tickets (workspace_id, status, id DESC);
CREATE INDEX tickets_by_assignee ON tickets (workspace_id, assignee_id, id DESC);
CREATE UNIQUE INDEX tickets_by_session ON tickets (session_id) WHERE session_id IS NOT NULL;

CREATE TABLE messages (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    session_id uuid REFERENCES sessions ON DELETE CASCADE,
    ticket_id uuid REFERENCES tickets ON DELETE CASCADE,
    author_kind text NOT NULL CHECK (author_kind IN ('customer', 'agent', 'assistant', 'system')),
    author_id uuid REFERENCES users ON DELETE SET NULL,
    visibility text NOT NULL DEFAULT 'public' CHECK (visibility IN ('public', 'internal')),
    channel text NOT NULL CHECK (channel IN ('chat', 'email', 'api')),
    subject text,
    body text NOT NULL,
    quoted_text text,
    body_html text,
    mail_message_id text,
    in_reply_to text,
    mail_references text[] NOT NULL DEFAULT '{}',
    recipient text,
    delivery text CHECK (delivery IN ('queued', 'sending', 'sent', 'cancelled', 'failed', 'unknown')),
    delivery_id text,
    delivery_claimed_at timestamptz,
    raw_object text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (session_id IS NOT NULL OR ticket_id IS NOT NULL)
);
CREATE INDEX messages_of_session ON messages (session_id, id);
CREATE INDEX messages_of_ticket ON messages (ticket_id, id);
CREATE INDEX messages_by_mail_id ON messages (workspace_id, mail_message_id) WHERE mail_message_id IS NOT NULL;
CREATE INDEX messages_by_delivery_id ON messages (workspace_id, delivery_id) WHERE delivery_id IS NOT NULL;
CREATE INDEX messages_in_delivery ON messages (workspace_id, delivery_claimed_at) WHERE delivery = 'sending';

CREATE TABLE attachments (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    message_id uuid NOT NULL REFERENCES messages ON DELETE CASCADE,
    name text NOT NULL,
    content_type text NOT NULL,
    size bigint NOT NULL,
    object_key text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX attachments_of_message ON attachments (message_id);

-- One row for every mail that arrived, whatever became of it: nothing is dropped without a trace.
CREATE TABLE inbound_mails (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    fingerprint text NOT NULL,
    object_key text NOT NULL,
    sender text,
    subject text,
    outcome text NOT NULL CHECK (outcome IN ('ticket', 'reply', 'suspended', 'quarantined')),
    reason text,
    ticket_id uuid REFERENCES tickets ON DELETE SET NULL,
    message_id uuid REFERENCES messages ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (workspace_id, fingerprint)
);
CREATE INDEX inbound_mails_held ON inbound_mails (workspace_id, id DESC) WHERE outcome IN ('suspended', 'quarantined');

CREATE TABLE articles (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    external_id text NOT NULL,
    title text NOT NULL,
    body text NOT NULL,
    questions text[] NOT NULL DEFAULT '{}',
    topics text[] NOT NULL DEFAULT '{}',
    language text NOT NULL DEFAULT 'en',
    status text NOT NULL DEFAULT 'published' CHECK (status IN ('draft', 'published', 'archived')),
    content_hash text NOT NULL,
    indexed_fingerprint text,
    index_error text,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (workspace_id, external_id)
);
CREATE INDEX articles_newest ON articles (workspace_id, id DESC);

CREATE TABLE chunks (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    article_id uuid NOT NULL REFERENCES articles ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('title', 'question', 'body')),
    ordinal integer NOT NULL,
    text text NOT NULL,
    embedding_model text NOT NULL,
    embedding vector(384) NOT NULL,
    text_config regconfig NOT NULL DEFAULT 'english',
    words tsvector GENERATED ALWAYS AS (to_tsvector(text_config, text)) STORED,
    UNIQUE (article_id, embedding_model, kind, ordinal)
);
CREATE INDEX chunks_of_workspace ON chunks (workspace_id);
CREATE INDEX chunks_by_words ON chunks USING gin (words);
CREATE INDEX chunks_by_embedding ON chunks USING hnsw (embedding vector_cosine_ops);

CREATE TABLE labels (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    name text NOT NULL,
    description text NOT NULL DEFAULT '',
    priority text NOT NULL DEFAULT 'normal' CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    group_id uuid REFERENCES groups ON DELETE SET NULL,
    is_spam boolean NOT NULL DEFAULT false,
    UNIQUE (workspace_id, name)
);

CREATE TABLE labelled_examples (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    label_id uuid NOT NULL REFERENCES labels ON DELETE CASCADE,
    text text NOT NULL,
    embedding_model text NOT NULL,
    embedding vector(384) NOT NULL,
    created_by uuid REFERENCES users ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX labelled_examples_once ON labelled_examples (workspace_id, label_id, md5(text));

CREATE TABLE escalations (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    ticket_id uuid NOT NULL REFERENCES tickets ON DELETE CASCADE,
    reason text NOT NULL,
    summary text NOT NULL,
    group_id uuid REFERENCES groups ON DELETE SET NULL,
    assignee_id uuid REFERENCES users ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX escalations_of_ticket ON escalations (ticket_id, id DESC);

CREATE TABLE notifications (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    ticket_id uuid REFERENCES tickets ON DELETE CASCADE,
    text text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    read_at timestamptz
);
CREATE INDEX notifications_of_user ON notifications (user_id, id DESC);

-- What the machine did in one turn, so that a person can ask "why?".
CREATE TABLE turns (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    session_id uuid REFERENCES sessions ON DELETE CASCADE,
    ticket_id uuid REFERENCES tickets ON DELETE CASCADE,
    question text NOT NULL,
    searched_for text NOT NULL,
    action text NOT NULL,
    confidence double precision NOT NULL,
    article_id uuid REFERENCES articles ON DELETE SET NULL,
    retrieved jsonb NOT NULL,
    model text NOT NULL,
    input_tokens integer NOT NULL DEFAULT 0,
    output_tokens integer NOT NULL DEFAULT 0,
    cost_microusd bigint NOT NULL DEFAULT 0,
    latency_ms double precision NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX turns_of_session ON turns (session_id, id DESC);
CREATE INDEX turns_newest ON turns (workspace_id, id DESC);

CREATE TABLE outbox (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    queue text NOT NULL,
    type text NOT NULL,
    payload jsonb NOT NULL,
    occurred_at timestamptz NOT NULL,
    claimed_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    published_at timestamptz
);
CREATE INDEX outbox_unpublished ON outbox (workspace_id, id) WHERE published_at IS NULL;
CREATE INDEX outbox_published ON outbox (published_at) WHERE published_at IS NOT NULL;

CREATE TABLE processed_messages (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    consumer text NOT NULL,
    message_id uuid NOT NULL,
    processed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, message_id)
);
CREATE INDEX processed_messages_by_age ON processed_messages (processed_at);

CREATE TABLE audit_entries (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    actor_id uuid REFERENCES users ON DELETE SET NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject_kind text NOT NULL,
    subject_id uuid,
    detail jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX audit_entries_of_subject ON audit_entries (subject_id, id DESC);

CREATE TABLE crm_links (
    ticket_id uuid PRIMARY KEY REFERENCES tickets ON DELETE CASCADE,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    case_id text,
    contact_id text,
    pushed_at timestamptz,
    claimed_at timestamptz
);

CREATE TABLE sync_watermarks (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    name text NOT NULL,
    reached timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, name)
);
