-- One transaction makes the extension and its record, so neither exists alone. The record names each
-- standby that uses it, because standbys come and go independently.
BEGIN;
LOCK TABLE pg_catalog.pg_shdescription IN SHARE ROW EXCLUSIVE MODE;
DO $laterbase$
DECLARE
  args constant jsonb := pg_catalog.current_setting('laterbase.args')::jsonb;
  here constant text := (SELECT oid::text FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database());
  ours jsonb;
  made jsonb;
  said text := '';
  why  text := '';
BEGIN
  SELECT CASE WHEN pg_catalog.shobj_description(oid, 'pg_authid') ~ pg_catalog.current_setting('laterbase.record')
              THEN pg_catalog.shobj_description(oid, 'pg_authid')::jsonb END
    INTO ours FROM pg_catalog.pg_roles WHERE rolname = args->>'role';
  IF ours->>'owner' IS DISTINCT FROM args->>'owner' THEN
    RAISE EXCEPTION 'Role "%" with the record of % is not on the primary: the role step comes first.',
      args->>'role', args->>'owner';
  END IF;
  made := coalesce(ours->'amcheck', '{}');
  IF NOT EXISTS (
      SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_am a ON a.oid = c.relam
       WHERE a.amname = 'btree'
         AND (0 <> ANY (i.indcollation::oid[]) OR EXISTS (
           SELECT FROM pg_catalog.pg_attribute k JOIN pg_catalog.pg_type t ON t.oid = k.atttypid
            WHERE k.attrelid = c.oid AND (t.typtype IN ('c', 'r') OR t.typname = 'jsonb')))
         AND c.relnamespace NOT IN (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname IN ('pg_catalog', 'information_schema'))) THEN
    NULL;
  ELSIF EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'amcheck') AND NOT made ? here THEN
    said := pg_catalog.format('Database "%s" has amcheck already.', pg_catalog.current_database());
  ELSIF NOT EXISTS (SELECT FROM pg_catalog.pg_available_extensions WHERE name = 'amcheck') THEN
    why := 'the primary does not offer the extension amcheck';
  ELSE
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'amcheck') THEN
      BEGIN
        CREATE EXTENSION amcheck SCHEMA pg_catalog;
        said := pg_catalog.format('Database "%s" has amcheck temporarily.', pg_catalog.current_database());
      EXCEPTION WHEN OTHERS THEN
        -- An event trigger of this database may forbid it.
        why := pg_catalog.format('the primary did not create the extension amcheck: %s', pg_catalog.left(SQLERRM, 300));
      END;
    END IF;
    IF why = '' THEN
      made := pg_catalog.jsonb_set(made, ARRAY[here], coalesce(made->here, '{}') || pg_catalog.jsonb_build_object(args->>'standby', 1));
      EXECUTE pg_catalog.format('COMMENT ON ROLE %I IS %L', args->>'role', ours || pg_catalog.jsonb_build_object('amcheck', made));
    END IF;
  END IF;
  PERFORM pg_catalog.set_config('laterbase.said', said, false), pg_catalog.set_config('laterbase.why', why, false);
END
$laterbase$;
COMMIT;
