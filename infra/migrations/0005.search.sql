-- Vectors of more than one model side by side: an index per model, over that model's rows only.
-- depends: 0004.triage_learning

DROP INDEX chunks_by_embedding;
ALTER TABLE chunks ALTER COLUMN embedding TYPE vector;
ALTER TABLE labelled_examples ALTER COLUMN embedding TYPE vector;
CREATE INDEX chunks_by_embedding ON chunks USING hnsw ((embedding::vector(384)) vector_cosine_ops)
    WHERE embedding_model = 'all-MiniLM-L6-v2-int8';
