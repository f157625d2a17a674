-- Drops the heartbeat of this stack's monitor: what our step made, and a schema of that name only when it is empty.
DO $laterbase$
DECLARE
  args   constant jsonb := current_setting('laterbase.args')::jsonb;
  me     constant oid := (SELECT oid FROM pg_roles WHERE rolname = current_user);
  space  constant oid := (SELECT oid FROM pg_namespace WHERE nspname = 'laterbase' AND nspowner = me);
  ours   jsonb;
  said   text := '';
BEGIN
  SELECT CASE WHEN note ~ current_setting('laterbase.record') THEN note::jsonb END INTO ours FROM (
    SELECT shobj_description(oid, 'pg_authid') AS note FROM pg_roles
     WHERE rolname = args->'readers'->'health'->>'role') r;
  IF coalesce(ours->>'owner' IN (args->>'owner', args->>'former'), false) AND space IS NOT NULL THEN
    IF EXISTS (SELECT FROM pg_class WHERE oid = to_regclass('laterbase.heartbeat') AND relkind = 'r' AND relowner = me) THEN
      DROP TABLE laterbase.heartbeat;
      said := 'The table laterbase.heartbeat is dropped.';
    END IF;
    EXECUTE format('REVOKE ALL ON SCHEMA laterbase FROM %I', args->'readers'->'health'->>'role');
    BEGIN
      DROP SCHEMA laterbase;
    EXCEPTION WHEN dependent_objects_still_exist THEN
      said := said || ' The schema laterbase stays, because it holds what others made.';
    END;
  END IF;
  PERFORM set_config('laterbase.said', said, false);
END
$laterbase$;
