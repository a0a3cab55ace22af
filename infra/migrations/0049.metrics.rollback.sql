DROP TABLE metric_slots;
DROP INDEX ticket_events_by_time, escalations_by_time, turns_by_time, turns_of_ticket;
ALTER TABLE workspaces DROP COLUMN time_zone;
