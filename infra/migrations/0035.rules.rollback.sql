UPDATE ticket_events SET actor_kind = 'trigger' WHERE actor_kind = 'automation';
ALTER TABLE ticket_events DROP CONSTRAINT ticket_events_actor_kind_check;
ALTER TABLE ticket_events ADD CONSTRAINT ticket_events_actor_kind_check
    CHECK (actor_kind IN ('user', 'customer', 'system', 'trigger', 'crm'));
DROP INDEX ticket_events_of_status;
ALTER TABLE messages DROP COLUMN by_rule;
DROP TABLE rule_firings, rules;
