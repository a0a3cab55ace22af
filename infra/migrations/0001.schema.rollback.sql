DROP TABLE sync_watermarks, crm_links, audit_entries, processed_messages, outbox, turns, notifications, escalations,
    labelled_examples, labels, chunks, articles, inbound_mails, attachments, messages, tickets, sessions,
    group_members, users, groups, workspaces;
