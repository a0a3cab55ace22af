-- What people want to hear of, and how.
-- depends: 0055.satisfaction

-- `in_app` false: it was only mailed.
ALTER TABLE notifications
    ADD COLUMN kind text NOT NULL DEFAULT 'other',
    ADD COLUMN in_app boolean NOT NULL DEFAULT true,
    ADD COLUMN mailed_at timestamptz;

-- Kinds that are not here are told as domain/notifications.py says.
CREATE TABLE notification_preferences (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    kind text NOT NULL,
    in_app boolean NOT NULL,
    mail boolean NOT NULL,
    PRIMARY KEY (user_id, kind)
);
CREATE INDEX notification_preferences_of_workspace ON notification_preferences (workspace_id);

CALL keep_workspaces_apart(ARRAY['notification_preferences']);
