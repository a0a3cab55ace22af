DROP TABLE ticket_links, ticket_followers, ticket_fields, ticket_events;
ALTER TABLE messages DROP COLUMN original_ticket_id;
DROP INDEX tickets_by_session, tickets_by_custom_field, tickets_by_tag, tickets_by_change, tickets_by_requester,
    tickets_by_group, tickets_unsolved, tickets_unsolved_by_change;
ALTER TABLE tickets DROP COLUMN type, DROP COLUMN custom_fields, DROP COLUMN snoozed_until, DROP COLUMN merged_into_id,
    DROP COLUMN deleted_at;
CREATE UNIQUE INDEX tickets_by_session ON tickets (session_id) WHERE session_id IS NOT NULL;
