-- Which embedding model a workspace searches with, and a second index beside it: the next model's, or the last one's.
-- depends: 0006.calibration

ALTER TABLE workspaces ADD COLUMN embedding_model text NOT NULL DEFAULT 'all-MiniLM-L6-v2-int8';

-- At most one a workspace. `active_until`: when it was switched away from; NULL: it was never in use.
-- `filling_at`: the last sign of life of what fills it; NULL: nothing does.
CREATE TABLE spare_indexes (
    workspace_id uuid PRIMARY KEY REFERENCES workspaces ON DELETE CASCADE,
    embedding_model text NOT NULL,
    active_until timestamptz,
    filling_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- The examples' vectors of the spare index. Beside the active ones they would push those out of their rows, and triage,
-- which reads all of them, would pay for that.
CREATE TABLE spare_vectors (
    example_id uuid PRIMARY KEY REFERENCES labelled_examples ON DELETE CASCADE,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    embedding_model text NOT NULL,
    embedding vector NOT NULL
);
CREATE INDEX spare_vectors_of_workspace ON spare_vectors (workspace_id, embedding_model);

-- Of what content an article's chunks of a model are. It takes the place of articles.indexed_fingerprint.
CREATE TABLE indexed_articles (
    article_id uuid NOT NULL REFERENCES articles ON DELETE CASCADE,
    embedding_model text NOT NULL,
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    content_hash text NOT NULL,
    PRIMARY KEY (article_id, embedding_model)
);
CREATE INDEX indexed_articles_of_workspace ON indexed_articles (workspace_id, embedding_model);

-- The owner is behind the walls, too, unless they are opened.
ALTER TABLE articles NO FORCE ROW LEVEL SECURITY;
INSERT INTO indexed_articles (article_id, embedding_model, workspace_id, content_hash)
SELECT id, 'all-MiniLM-L6-v2-int8', workspace_id, content_hash FROM articles
WHERE indexed_fingerprint = encode(sha256(convert_to(content_hash || ':all-MiniLM-L6-v2-int8', 'UTF8')), 'hex');
ALTER TABLE articles FORCE ROW LEVEL SECURITY;

CALL keep_workspaces_apart(ARRAY['spare_indexes', 'spare_vectors', 'indexed_articles']);
