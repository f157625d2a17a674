-- Drops the role that reads which laterbase.reader names, and revokes what its step granted. When others
-- granted it more, it stays.
DO $laterbase$
DECLARE
  args   constant jsonb := current_setting('laterbase.args')::jsonb;
  kind   constant text := current_setting('laterbase.reader');
  wanted constant text := args->'readers'->kind->>'role';
  ours   jsonb;
  have   record;
  holder text;
  base   text;
  called text;
  said   text;
  detail text;
BEGIN
  SELECT oid, coalesce(shobj_description(oid, 'pg_authid'), '') AS note INTO have
    FROM pg_roles WHERE rolname = wanted;
  holder := CASE WHEN have.note ~ current_setting('laterbase.record') THEN have.note::jsonb->>'owner' END;
  IF have.oid IS NULL THEN
    said := CASE WHEN args ? 'sweep' THEN '' ELSE format('Role "%s" is gone already.', wanted) END;
  ELSIF holder IS DISTINCT FROM args->>'owner' AND NOT coalesce(holder = args->>'former', false) THEN
    said := CASE WHEN args ? 'sweep' THEN ''
      ELSE format('Role "%s" belongs to %s: it is left alone.', wanted, coalesce(holder, 'another owner')) END;
  ELSE
    FOR base IN SELECT datname FROM pg_database
        WHERE have.note::jsonb->'connect' @> to_jsonb(oid::bigint)
          -- A restore gives a new database what the old one had, and the record does not know its oid.
          OR EXISTS (SELECT FROM (SELECT shobj_description(datdba, 'pg_authid') AS comment) c
            WHERE CASE WHEN comment ~ current_setting('laterbase.record') THEN comment::jsonb ? 'application'
              AND comment::jsonb->>'owner' = args->>'owner' END) LOOP
      EXECUTE format('REVOKE CONNECT ON DATABASE %I FROM %I', base, wanted);
    END LOOP;
    FOR called IN SELECT jsonb_array_elements_text(args->'readers'->kind->'executes') LOOP
      EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM %I', called::regprocedure, wanted);
    END LOOP;
    EXECUTE format('DROP ROLE %I', wanted);
    PERFORM set_config('laterbase.oid', have.oid::text, false);
    said := format('Role "%s" is dropped.', wanted);
  END IF;

  SELECT CASE WHEN shobj_description(oid, 'pg_authid') ~ current_setting('laterbase.record')
              THEN shobj_description(oid, 'pg_authid')::jsonb END
    INTO ours FROM pg_roles WHERE rolname = args->>'role';
  IF ours->>'owner' = args->>'owner' AND ours ? kind THEN
    EXECUTE format('COMMENT ON ROLE %I IS %L', args->>'role', (ours - kind)::text);
  END IF;
  PERFORM set_config('laterbase.said', said, false);
EXCEPTION WHEN dependent_objects_still_exist THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
  RAISE EXCEPTION 'Role "%" cannot be dropped because others gave it more than Laterbase did: %',
    wanted, replace(detail, E'\n', '; ');
END
$laterbase$;
-- Nobody can connect as this role any more, so no new session follows these.
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE usesysid = nullif(current_setting('laterbase.oid', true), '')::oid \g /dev/null
