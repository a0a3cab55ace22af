DROP INDEX chunks_by_embedding;
DELETE FROM chunks WHERE vector_dims(embedding) <> 384;
DELETE FROM labelled_examples WHERE vector_dims(embedding) <> 384;
ALTER TABLE chunks ALTER COLUMN embedding TYPE vector(384);
ALTER TABLE labelled_examples ALTER COLUMN embedding TYPE vector(384);
CREATE INDEX chunks_by_embedding ON chunks USING hnsw (embedding vector_cosine_ops);
