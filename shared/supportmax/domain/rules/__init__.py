"""What macros, triggers and automations are made of: conditions on a ticket, actions on it, placeholders in texts."""
