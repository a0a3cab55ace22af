GRANT CREATE ON SCHEMA public TO supportmax_lookup;
DROP FUNCTION find_tickets(jsonb, integer), find_tickets_by_due(jsonb, integer), ticket_condition(jsonb);
ALTER FUNCTION find_tickets_by_age(jsonb, integer) RENAME TO find_tickets;
ALTER FUNCTION find_tickets(jsonb, integer) SECURITY DEFINER;
ALTER FUNCTION ticket_column_condition(jsonb) RENAME TO ticket_condition;
GRANT EXECUTE ON FUNCTION find_tickets(jsonb, integer) TO supportmax_app;
DROP POLICY lookup ON ticket_clocks;
REVOKE SELECT ON ticket_clocks FROM supportmax_lookup;
REVOKE CREATE ON SCHEMA public FROM supportmax_lookup;
