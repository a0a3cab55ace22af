DROP TABLE indexed_articles, spare_vectors, spare_indexes;
ALTER TABLE workspaces DROP COLUMN embedding_model;
