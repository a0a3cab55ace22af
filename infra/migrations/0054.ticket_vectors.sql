-- What a ticket is about, as a vector: to find those that resemble it.
-- depends: 0043.webhooks

CREATE TABLE ticket_vectors (
    ticket_id uuid PRIMARY KEY REFERENCES tickets ON DELETE CASCADE,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    embedding_model text NOT NULL,
    embedding vector NOT NULL
);
CREATE INDEX ticket_vectors_of_workspace ON ticket_vectors (workspace_id, embedding_model);
CREATE INDEX ticket_vectors_near ON ticket_vectors USING hnsw ((embedding::vector(384)) vector_cosine_ops)
    WHERE embedding_model = 'all-MiniLM-L6-v2-int8';

CALL keep_workspaces_apart(ARRAY['ticket_vectors']);
