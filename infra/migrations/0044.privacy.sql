-- Privacy: exports and erasures as jobs, what must not come back, and how long things are kept.
-- depends: 0043.webhooks

-- What a job brought: of an export where its file is, of an erasure its proof. Without personal data.
ALTER TABLE jobs ADD COLUMN result jsonb NOT NULL DEFAULT '{}';
CREATE INDEX jobs_of_privacy ON jobs (workspace_id, id DESC) WHERE kind LIKE 'privacy%';

-- What was erased: an id's bytes, or the keyed hash of an address, a Message-ID or a mail's fingerprint.
CREATE TABLE erased_marks (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    mark bytea NOT NULL,
    erased_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, mark)
);

-- `what`: tickets (of a status, since their last change), chats (without a ticket, since the last message), held_mails.
CREATE TABLE retention_rules (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    what text NOT NULL CHECK (what IN ('tickets', 'chats', 'held_mails')),
    status text NOT NULL DEFAULT '' CHECK (status IN ('', 'new', 'open', 'pending', 'solved', 'closed')),
    days integer NOT NULL CHECK (days BETWEEN 1 AND 36500),
    PRIMARY KEY (workspace_id, what, status)
);

CALL keep_workspaces_apart(ARRAY['erased_marks', 'retention_rules']);

CREATE INDEX inbound_mails_of_sender ON inbound_mails (workspace_id, sender) WHERE sender IS NOT NULL;
CREATE INDEX messages_of_author ON messages (author_id) WHERE author_id IS NOT NULL;

-- The audit log is append-only for the functions. This is the one way in which it forgets: who did what and when stays,
-- the words go. It filters by the workspace of the transaction itself, as its owner's policy is open.
CREATE POLICY forget ON audit_entries FOR ALL TO supportmax_lookup USING (true);
GRANT SELECT, UPDATE (detail, subject_id) ON audit_entries TO supportmax_lookup;
GRANT CREATE ON SCHEMA public TO supportmax_lookup;
CREATE FUNCTION forget_in_audit_log(person uuid, subjects uuid[], patterns text[]) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    WITH forgotten AS (
        UPDATE audit_entries SET detail = '{}', subject_id = nullif(subject_id, person)
        WHERE workspace_id = current_workspace()
            AND (subject_id = person OR subject_id = ANY(subjects) OR detail::text ILIKE ANY(patterns))
        RETURNING id
    )
    SELECT count(*) FROM forgotten
    $$;
ALTER FUNCTION forget_in_audit_log(uuid, uuid[], text[]) OWNER TO supportmax_lookup;
REVOKE ALL ON FUNCTION forget_in_audit_log(uuid, uuid[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_in_audit_log(uuid, uuid[], text[]) TO supportmax_app;
REVOKE CREATE ON SCHEMA public FROM supportmax_lookup;
