-- The heartbeat of a managed primary: one row, which the monitor's role may update. What the row says on a standby
-- tells how far that one is behind. On a primary that Laterbase does not run, nothing is written.
DO $laterbase$
DECLARE
  args   constant jsonb := current_setting('laterbase.args')::jsonb;
  wanted constant text := args->'readers'->'health'->>'role';
  reader constant jsonb := args->'readers'->'health';
  me     constant oid := (SELECT oid FROM pg_roles WHERE rolname = current_user);
  space  record;
  beat   record;
  have   boolean;
  did    text := '';
BEGIN
  IF NOT args ? 'heartbeat' THEN RETURN; END IF;
  IF NOT reader->'databases' ? current_database()::text THEN
    RAISE EXCEPTION 'The primary has no database "%", which the role "%" connects to: create it.',
      reader->'databases'->>0, wanted;
  END IF;
  -- A table of another role may have triggers of that role. They would run with the rights of the role that writes.
  SELECT oid, nspowner INTO space FROM pg_namespace WHERE nspname = 'laterbase';
  IF NOT FOUND THEN
    CREATE SCHEMA laterbase;
    COMMENT ON SCHEMA laterbase IS 'The heartbeat of Laterbase''s monitor. It holds no data.';
  ELSIF space.nspowner <> me THEN
    RAISE EXCEPTION 'The schema laterbase in the database "%" is not Laterbase''s: rename it, because the monitor''s heartbeat is kept there.',
      current_database();
  END IF;
  SELECT relowner, relkind = 'r' AND relpersistence = 'p' AND NOT (relhastriggers OR relhasrules OR relrowsecurity OR relispartition)
      AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = c.oid OR inhrelid = c.oid)
      AND (SELECT array_agg(format('%s %s %s', attname, atttypid::regtype, attnotnull) ORDER BY attnum)
        = ARRAY['id integer t', 'beat bigint t', 'at timestamp with time zone t']
        FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS plain INTO beat
    FROM pg_class c WHERE oid = to_regclass('laterbase.heartbeat');
  IF FOUND AND (beat.relowner <> me OR NOT coalesce(beat.plain, false)) THEN
    RAISE EXCEPTION 'The table laterbase.heartbeat in the database "%" is not as Laterbase makes it: drop or rename it, and the next up makes it again.',
      current_database();
  ELSIF NOT FOUND THEN
    CREATE TABLE laterbase.heartbeat (
      id int PRIMARY KEY CHECK (id = 1),
      beat bigint NOT NULL,
      at timestamptz NOT NULL);
    did := ' The table laterbase.heartbeat is made.';
  END IF;
  INSERT INTO laterbase.heartbeat VALUES (1, 0, now()) ON CONFLICT DO NOTHING;

  SELECT has_schema_privilege(wanted, 'laterbase', 'USAGE') AND has_table_privilege(wanted, 'laterbase.heartbeat', 'SELECT')
    AND has_table_privilege(wanted, 'laterbase.heartbeat', 'UPDATE') INTO have;
  IF NOT have THEN
    EXECUTE format('GRANT USAGE ON SCHEMA laterbase TO %I', wanted);
    EXECUTE format('GRANT SELECT, UPDATE ON laterbase.heartbeat TO %I', wanted);
    did := did || ' It may update the heartbeat.';
  END IF;
  PERFORM set_config('laterbase.said', current_setting('laterbase.said') || did, false);
END
$laterbase$;
