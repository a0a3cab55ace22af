-- Figures of the desk by quarter hours, from which a series in any time zone is added up; and the indexes by which
-- they are read from the log.
-- depends: 0043.webhooks

-- A name of the IANA database: days and weeks of the metrics begin at midnight there.
ALTER TABLE workspaces ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC';

-- `slot`: when the quarter hour begins. `label`: what the metric is divided by, such as the channel. `total`: the sum of
-- what was counted, where that says something. `seconds`: each duration, for an exact median.
CREATE TABLE metric_slots (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    metric text NOT NULL,
    slot timestamptz NOT NULL,
    label text NOT NULL,
    count bigint NOT NULL,
    total bigint NOT NULL DEFAULT 0,
    seconds integer[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (workspace_id, metric, slot, label)
);

CREATE INDEX ticket_events_by_time ON ticket_events (workspace_id, created_at);
CREATE INDEX escalations_by_time ON escalations (workspace_id, created_at);
CREATE INDEX turns_by_time ON turns (workspace_id, created_at);
CREATE INDEX turns_of_ticket ON turns (ticket_id, id) WHERE ticket_id IS NOT NULL;

CALL keep_workspaces_apart(ARRAY['metric_slots']);
