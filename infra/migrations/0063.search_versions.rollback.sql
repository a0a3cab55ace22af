DROP TRIGGER searchable_article_changed ON articles;
DROP TRIGGER chunks_changed ON chunks;
DROP FUNCTION note_searchable_change();
DROP TABLE search_versions;
DROP SEQUENCE search_version_numbers;
