DROP TABLE embedding_indexes;
ALTER TABLE labelled_examples DROP COLUMN spare_model, DROP COLUMN spare_embedding;
ALTER TABLE workspaces DROP COLUMN embedding_model;
