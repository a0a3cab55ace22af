"""Everything that speaks to something outside: Postgres, AWS, models, mail, CRM."""
