-- Drops the extension when no standby uses it any more. Without the name of a standby in args it is always dropped.
BEGIN;
LOCK TABLE pg_catalog.pg_shdescription IN SHARE ROW EXCLUSIVE MODE;
DO $laterbase$
DECLARE
  args constant jsonb := pg_catalog.current_setting('laterbase.args')::jsonb;
  here constant text := (SELECT oid::text FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database());
  ours jsonb;
  left_over jsonb;
  said text := '';
BEGIN
  SELECT CASE WHEN pg_catalog.shobj_description(oid, 'pg_authid') ~ pg_catalog.current_setting('laterbase.record')
              THEN pg_catalog.shobj_description(oid, 'pg_authid')::jsonb END
    INTO ours FROM pg_catalog.pg_roles WHERE rolname = args->>'role';
  IF ours->>'owner' IS DISTINCT FROM args->>'owner' OR NOT coalesce(ours->'amcheck' ? here, false) THEN
    RETURN;
  END IF;
  left_over := CASE WHEN args ? 'standby' THEN (ours->'amcheck'->here) - (args->>'standby') ELSE '{}' END;
  IF left_over = '{}' THEN
    BEGIN
      DROP EXTENSION IF EXISTS amcheck;
      said := pg_catalog.format('Database "%s" no longer has amcheck.', pg_catalog.current_database());
    EXCEPTION WHEN dependent_objects_still_exist THEN
      said := pg_catalog.format('Database "%s" keeps amcheck, because something there uses it now.', pg_catalog.current_database());
    WHEN OTHERS THEN
      -- An event trigger of this database may forbid it. The record stays, and the next run tries again.
      PERFORM pg_catalog.set_config('laterbase.said', pg_catalog.format('Database "%s" keeps amcheck for now: %s',
        pg_catalog.current_database(), pg_catalog.left(SQLERRM, 300)), false);
      RETURN;
    END;
    ours := ours #- ARRAY['amcheck', here];
    IF ours->'amcheck' = '{}' THEN ours := ours - 'amcheck'; END IF;
  ELSE
    ours := pg_catalog.jsonb_set(ours, ARRAY['amcheck', here], left_over);
  END IF;
  EXECUTE pg_catalog.format('COMMENT ON ROLE %I IS %L', args->>'role', ours);
  PERFORM pg_catalog.set_config('laterbase.said', said, false);
END
$laterbase$;
COMMIT;
