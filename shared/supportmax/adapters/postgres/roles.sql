-- Run before the migrations, every time, by the owner: roles belong to the server, not to one database.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'supportmax_app') THEN
        CREATE ROLE supportmax_app LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'supportmax_lookup') THEN
        CREATE ROLE supportmax_lookup NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;  -- another deploy made them in this moment
END $$;

-- An owner that is no superuser (RDS) may hand a function only to a role that it can become. Whoever makes a role is
-- its member, but since PostgreSQL 16 without that right.
DO $$
BEGIN
    IF NOT pg_has_role(current_user, 'supportmax_lookup', 'SET') THEN
        EXECUTE format('GRANT supportmax_lookup TO %I WITH INHERIT TRUE, SET TRUE', current_user);
    END IF;
END $$;
