-- What the totals and the metrics of queues read. Rows of messages and sessions lie in the order of their time: a small
-- index of ranges finds those since the last count.
-- depends: 0049.metrics

CREATE INDEX messages_by_time ON messages USING brin (created_at) WITH (pages_per_range = 32);
CREATE INDEX sessions_by_time ON sessions USING brin (created_at) WITH (pages_per_range = 32);
CREATE INDEX jobs_unfinished ON jobs (workspace_id, id) WHERE status <> 'done';
