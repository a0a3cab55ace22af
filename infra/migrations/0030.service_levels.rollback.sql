DROP TABLE ticket_clocks, sla_policies, business_hours;
