ALTER TABLE turns DROP COLUMN message_id, DROP COLUMN decision;
DROP TABLE calibrations;
ALTER TABLE workspaces DROP COLUMN wanted_precision;
