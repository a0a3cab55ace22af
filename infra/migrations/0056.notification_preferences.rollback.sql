DROP TABLE notification_preferences;
DELETE FROM notifications WHERE NOT in_app;
ALTER TABLE notifications DROP COLUMN mailed_at, DROP COLUMN in_app, DROP COLUMN kind;
