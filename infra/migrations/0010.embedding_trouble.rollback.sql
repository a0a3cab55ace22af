ALTER TABLE spare_indexes DROP COLUMN trouble;
