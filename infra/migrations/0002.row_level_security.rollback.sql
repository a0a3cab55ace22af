DROP FUNCTION match_words(tsquery, text, integer), expected_matches(text, text), all_workspaces(),
    find_workspace(text, text);
DROP POLICY lookup ON chunks;
DROP POLICY lookup ON workspaces;
DROP POLICY of_workspace ON workspaces;
ALTER TABLE workspaces DISABLE ROW LEVEL SECURITY;
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'groups', 'users', 'group_members', 'sessions', 'tickets', 'messages', 'attachments', 'inbound_mails',
        'articles', 'chunks', 'labels', 'labelled_examples', 'escalations', 'notifications', 'turns', 'outbox',
        'processed_messages', 'audit_entries', 'crm_links', 'sync_watermarks'
    ] LOOP
        EXECUTE format('DROP POLICY of_workspace ON %I', name);
        EXECUTE format('ALTER TABLE %I DISABLE ROW LEVEL SECURITY', name);
    END LOOP;
END $$;
DROP FUNCTION current_workspace();
