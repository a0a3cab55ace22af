DROP INDEX model_calls_of_day;
ALTER TABLE circuit_breakers DROP COLUMN told_at;
ALTER TABLE model_calls DROP COLUMN detail;
