-- The roles of the three levels of release. An administrator runs this in the database, and again after an update of
-- the program; then GRANT diemnong_planner TO somebody. The roles cannot log in by themselves.
--   diemnong_command   the command that holds the records: everything, and changes it
--   diemnong_planner   the offices that supplied them: counts by commune and year, no row and no point
--   diemnong_public    anybody: communes and border sectors, no counts; these leave by diemnong publish

DO $$
DECLARE
    level text;
BEGIN
    FOREACH level IN ARRAY ARRAY['diemnong_command', 'diemnong_planner', 'diemnong_public'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = level) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', level);
        END IF;
    END LOOP;
END
$$;

REVOKE ALL ON SCHEMA diemnong, diemnong_planner, diemnong_public FROM PUBLIC, diemnong_planner, diemnong_public;
REVOKE ALL ON ALL TABLES IN SCHEMA diemnong, diemnong_planner, diemnong_public
    FROM PUBLIC, diemnong_planner, diemnong_public;

GRANT USAGE ON SCHEMA diemnong, diemnong_planner, diemnong_public TO diemnong_command;
GRANT SELECT ON ALL TABLES IN SCHEMA diemnong, diemnong_planner, diemnong_public TO diemnong_command;
GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA diemnong TO diemnong_command;
REVOKE INSERT, UPDATE, DELETE ON diemnong.version FROM diemnong_command;

GRANT USAGE ON SCHEMA diemnong_planner TO diemnong_planner;
GRANT SELECT ON ALL TABLES IN SCHEMA diemnong_planner TO diemnong_planner;

GRANT USAGE ON SCHEMA diemnong_public TO diemnong_planner, diemnong_public;
GRANT SELECT ON ALL TABLES IN SCHEMA diemnong_public TO diemnong_planner, diemnong_public;
