DROP INDEX tickets_on_hand;
DROP TABLE waiting_tickets, skill_rules, agent_profiles;
ALTER TABLE group_members DROP COLUMN assigned_at;
ALTER TABLE groups DROP COLUMN assignment;
