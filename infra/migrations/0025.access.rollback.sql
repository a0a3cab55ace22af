DROP INDEX audit_entries_newest;
DROP TABLE known_addresses, sign_in_attempts, api_keys, login_sessions;
ALTER TABLE users DROP COLUMN deactivated_at;
