-- The role may not log in any more. Nothing that it owns is dropped, and the sentence says how to drop it.
DO $laterbase$
DECLARE
  args   constant jsonb := current_setting('laterbase.args')::jsonb;
  wanted constant text := args->'application'->>'role';
  have   record;
  note   jsonb;
  bases  text[];
  said   text;
BEGIN
  SELECT oid, shobj_description(oid, 'pg_authid') AS comment INTO have FROM pg_roles WHERE rolname = wanted;
  note := CASE WHEN have.comment ~ current_setting('laterbase.record') THEN have.comment::jsonb END;
  IF have.oid IS NULL THEN
    said := format('Role "%s" is gone already.', wanted);
  ELSIF note->>'owner' IS DISTINCT FROM args->>'owner' OR NOT note ? 'application' THEN
    said := format('Role "%s" belongs to %s: it is left alone.', wanted, coalesce(note->>'owner', 'another owner'));
  ELSE
    EXECUTE format('ALTER ROLE %I NOLOGIN', wanted);
    PERFORM set_config('laterbase.oid', have.oid::text, false);
    SELECT array_agg(datname::text ORDER BY datname) INTO bases FROM pg_database WHERE datdba = have.oid;
    -- To no superuser: a function SECURITY DEFINER or a view of its would then run with every right.
    said := format('Role "%s" may not log in any more, and nothing of it is dropped. To drop it, give what it owns to a role '
      'that is no superuser, because functions run with the rights of their owner. As the superuser%s: '
      'REASSIGN OWNED BY %I TO <role>; DROP OWNED BY %I; At the end: DROP ROLE %I;', wanted,
      CASE WHEN bases IS NULL THEN '' ELSE format(' in database "%s"', array_to_string(bases, '", then in "')) END,
      wanted, wanted, wanted);
  END IF;
  PERFORM set_config('laterbase.said', said, false);
END
$laterbase$;
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE usesysid = nullif(current_setting('laterbase.oid', true), '')::oid \g /dev/null
