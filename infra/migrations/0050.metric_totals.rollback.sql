DROP INDEX messages_by_time, sessions_by_time, jobs_unfinished;
