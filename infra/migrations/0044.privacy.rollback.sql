DROP FUNCTION forget_in_audit_log(uuid, uuid[], text[]);
DROP POLICY forget ON audit_entries;
REVOKE ALL ON audit_entries FROM supportmax_lookup;
REVOKE UPDATE (detail, subject_id) ON audit_entries FROM supportmax_lookup;
DROP INDEX messages_of_author, inbound_mails_of_sender, jobs_of_privacy;
DROP TABLE retention_rules, erased_marks;
ALTER TABLE jobs DROP COLUMN result;
