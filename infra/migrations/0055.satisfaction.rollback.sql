DROP INDEX tickets_solved;
DROP TABLE satisfaction_ratings, satisfaction_settings;
