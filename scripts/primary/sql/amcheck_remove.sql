-- Drops the extension when no standby uses it any more. Without the name of a standby in args it is always dropped.
BEGIN;
LOCK TABLE pg_shdescription IN SHARE ROW EXCLUSIVE MODE;
DO $laterbase$
DECLARE
  args constant jsonb := current_setting('laterbase.args')::jsonb;
  here constant text := (SELECT oid::text FROM pg_database WHERE datname = current_database());
  ours jsonb;
  left_over jsonb;
  said text := '';
BEGIN
  SELECT CASE WHEN shobj_description(oid, 'pg_authid') LIKE '{%"laterbase"%'
              THEN shobj_description(oid, 'pg_authid')::jsonb END
    INTO ours FROM pg_roles WHERE rolname = args->>'role';
  IF ours->>'owner' IS DISTINCT FROM args->>'owner' OR NOT coalesce(ours->'amcheck' ? here, false) THEN
    RETURN;
  END IF;
  left_over := CASE WHEN args ? 'standby' THEN (ours->'amcheck'->here) - (args->>'standby') ELSE '{}' END;
  IF left_over = '{}' THEN
    BEGIN
      DROP EXTENSION IF EXISTS amcheck;
      said := format('Database "%s" no longer has amcheck.', current_database());
    EXCEPTION WHEN dependent_objects_still_exist THEN
      said := format('Database "%s" keeps amcheck, because something there uses it now.', current_database());
    END;
    ours := ours #- ARRAY['amcheck', here];
    IF ours->'amcheck' = '{}' THEN ours := ours - 'amcheck'; END IF;
  ELSE
    ours := jsonb_set(ours, ARRAY['amcheck', here], left_over);
  END IF;
  EXECUTE format('COMMENT ON ROLE %I IS %L', args->>'role', ours);
  PERFORM set_config('laterbase.said', said, false);
END
$laterbase$;
COMMIT;
