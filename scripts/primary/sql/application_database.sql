-- The role owns the database, and not everybody may connect to it. In a database that was there before, each role of
-- others that could connect may connect still: it gets the right by its own name.
DO $laterbase$
DECLARE
  args   constant jsonb := current_setting('laterbase.args')::jsonb;
  wanted constant text := args->'application'->>'role';
  base   constant text := args->'application'->>'database';
  made   constant boolean := current_setting('laterbase.made') <> '';
  mine   constant oid := (SELECT oid FROM pg_roles WHERE rolname = wanted);
  db     record;
  one    record;
  anybody boolean;
  kept   text[] := '{}';
  did    text := current_setting('laterbase.said');
BEGIN
  SELECT oid, datdba INTO db FROM pg_database WHERE datname = base;
  IF made THEN
    did := did || format(' Database "%s" is created.', base);
  ELSIF db.datdba <> mine THEN
    EXECUTE format('ALTER DATABASE %I OWNER TO %I', base, wanted);
    did := did || format(' It owns database "%s".', base);
  END IF;
  SELECT EXISTS (SELECT FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) x
    WHERE d.oid = db.oid AND x.grantee = 0 AND x.privilege_type = 'CONNECT') INTO anybody;

  FOR one IN
    SELECT r.oid, r.rolname AS name, r.reads, r.note FROM (
      SELECT oid, rolname, rolsuper, note,
             rolname IN (args->'readers'->'dumps'->>'role', args->'readers'->'pgAdmin'->>'role') AS reads,
             rolname IN (args->'readers'->'backups'->>'role', args->'readers'->'health'->>'role') AS elsewhere
        FROM (SELECT oid, rolname, rolsuper, coalesce(shobj_description(oid, 'pg_authid'), '') AS comment FROM pg_roles) c,
             LATERAL (SELECT CASE WHEN comment ~ current_setting('laterbase.record') THEN comment::jsonb END AS note) n
       WHERE comment !~ '^laterbase .*: of a restore$') r
     WHERE r.oid >= 16384 AND NOT r.rolsuper AND r.oid <> mine AND NOT r.elsewhere
       AND (r.reads OR (anybody AND NOT made AND (r.note IS NULL OR r.note ? 'connect')))
       AND NOT EXISTS (SELECT FROM pg_database d, aclexplode(d.datacl) x
         WHERE d.oid = db.oid AND x.grantee = r.oid AND x.privilege_type = 'CONNECT')
     ORDER BY 2
  LOOP
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', base, one.name);
    -- A role of ours that reads records what it was granted, by oid. Without a record, everything counts as ours.
    IF jsonb_typeof(one.note->'connect') = 'array' THEN
      EXECUTE format('COMMENT ON ROLE %I IS %L', one.name,
        jsonb_set(one.note, '{connect}', (one.note->'connect') || to_jsonb(db.oid::bigint)));
    END IF;
    IF one.note IS NULL THEN kept := kept || one.name::text; END IF;
  END LOOP;
  IF anybody THEN
    EXECUTE format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', base);
    did := did || format(' A role of others needs GRANT CONNECT for it%s.', CASE WHEN cardinality(kept) = 0 THEN ''
      ELSE format('; these have it: "%s"', array_to_string(kept, '", "')) END);
  END IF;
  IF NOT has_database_privilege(mine, db.oid, 'CONNECT') OR NOT has_database_privilege(mine, db.oid, 'CREATE') THEN
    EXECUTE format('GRANT ALL ON DATABASE %I TO %I', base, wanted);
    did := did || ' It has every right on it again.';
  END IF;
  PERFORM set_config('laterbase.said', did, false);
END
$laterbase$;
