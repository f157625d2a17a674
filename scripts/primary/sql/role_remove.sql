DO $laterbase$
DECLARE
  args   constant jsonb := current_setting('laterbase.args')::jsonb;
  wanted constant text := args->>'role';
  note   text;
  holder text;
  detail text;
BEGIN
  SELECT coalesce(shobj_description(oid, 'pg_authid'), '') INTO note FROM pg_roles WHERE rolname = wanted;
  IF NOT FOUND THEN
    PERFORM set_config('laterbase.said', format('Role "%s" is gone already.', wanted), false);
    RETURN;
  END IF;
  holder := CASE WHEN note ~ current_setting('laterbase.record') THEN note::jsonb->>'owner' END;
  IF holder IS DISTINCT FROM args->>'owner' THEN
    PERFORM set_config('laterbase.said', format('Role "%s" belongs to %s: it is left alone.',
      wanted, coalesce(holder, 'another owner')), false);
    RETURN;
  END IF;

  PERFORM set_config('laterbase.oid', (SELECT oid::text FROM pg_roles WHERE rolname = wanted), false);
  EXECUTE format('DROP ROLE %I', wanted);
  PERFORM set_config('laterbase.said', format('Role "%s" is dropped.', wanted), false);
EXCEPTION WHEN dependent_objects_still_exist THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
  RAISE EXCEPTION 'Role "%" cannot be dropped because others gave it more than Laterbase did: %',
    wanted, replace(detail, E'\n', '; ');
END
$laterbase$;
-- Nobody can connect as this role any more, so no new session follows these.
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE usesysid = nullif(current_setting('laterbase.oid', true), '')::oid \g /dev/null
