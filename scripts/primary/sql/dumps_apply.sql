-- Grants the role that dumps what it needs to read everything. pg_read_all_data does not cover large
-- objects, and pg_dump opens each of them, so lo_compat_privileges is on. It also allows changes to
-- them: PostgreSQL has no right that allows only to read them. From PostgreSQL 16 on, read-only
-- transactions forbid such changes. Its other settings are those that its sessions cannot state themselves,
-- because only a superuser may set them.
DO $laterbase$
DECLARE
  args   constant jsonb := current_setting('laterbase.args')::jsonb;
  wanted constant text := args->>'dumpRole';
  newer  constant boolean := current_setting('server_version_num')::int >= 160000;
  ours   jsonb;
  have   record;
  given  jsonb;
  name   text;
  value  text;
  base   record;
  did    text := '';
BEGIN
  SELECT CASE WHEN shobj_description(oid, 'pg_authid') LIKE '{%"laterbase"%'
              THEN shobj_description(oid, 'pg_authid')::jsonb END
    INTO ours FROM pg_roles WHERE rolname = args->>'role';
  IF ours->>'owner' IS DISTINCT FROM args->>'owner' THEN
    RAISE EXCEPTION 'Role "%" with the record of % is not on the primary: the role step comes first.',
      args->>'role', args->>'owner';
  END IF;
  SELECT oid, shobj_description(oid, 'pg_authid')::jsonb AS note INTO have
    FROM pg_roles WHERE rolname = wanted;

  IF NOT pg_has_role(have.oid, 'pg_read_all_data', 'USAGE') THEN
    -- From PostgreSQL 16 on a membership can exist without its rights.
    EXECUTE format('GRANT pg_read_all_data TO %I', wanted) || CASE WHEN newer THEN ' WITH INHERIT TRUE' ELSE '' END;
    did := did || ' It reads all data.';
  END IF;
  FOR name, value IN SELECT s.key, s.value FROM jsonb_each_text(args->'dumpSettings') s ORDER BY s.key DESC LOOP
    IF NOT EXISTS (SELECT FROM pg_db_role_setting
        WHERE setrole = have.oid AND setdatabase = 0 AND setconfig @> ARRAY[name || '=' || value]) THEN
      -- An empty list of libraries, as a literal, would become a list with an empty name: a role with it
      -- cannot log in.
      PERFORM set_config(name, value, true);
      EXECUTE format('ALTER ROLE %I SET %I FROM CURRENT', wanted, name);
      did := did || format(' Its %s is %s.', name, coalesce(nullif(value, ''), 'empty'));
    END IF;
  END LOOP;
  -- They would overrule those above.
  FOR base IN SELECT datname FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase
      WHERE setrole = have.oid ORDER BY datname LOOP
    EXECUTE format('ALTER ROLE %I IN DATABASE %I RESET ALL', wanted, base.datname);
    did := did || format(' It has no settings of its own in "%s" any more.', base.datname);
  END LOOP;

  -- Databases are recorded by oid, because a name may change. Without a record, all grants count as ours.
  SELECT coalesce(jsonb_agg(d.oid::bigint ORDER BY d.oid), '[]') INTO given FROM pg_database d
    WHERE CASE WHEN have.note ? 'connect' THEN have.note->'connect' @> to_jsonb(d.oid::bigint)
      ELSE EXISTS (SELECT FROM aclexplode(d.datacl) x
        WHERE x.grantee = have.oid AND x.privilege_type = 'CONNECT') END;
  FOR base IN SELECT oid, datname FROM pg_database
      WHERE datallowconn AND NOT datistemplate AND NOT has_database_privilege(have.oid, oid, 'CONNECT')
      ORDER BY datname LOOP
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', base.datname, wanted);
    IF NOT given @> to_jsonb(base.oid::bigint) THEN
      given := given || to_jsonb(base.oid::bigint);
    END IF;
    did := did || format(' It may connect to "%s".', base.datname);
  END LOOP;

  EXECUTE format('COMMENT ON ROLE %I IS %L', wanted, have.note || jsonb_build_object('connect', given));
  EXECUTE format('COMMENT ON ROLE %I IS %L', args->>'role', ours || jsonb_build_object('dumps', wanted));
  PERFORM set_config('laterbase.said', current_setting('laterbase.said') || did, false);
END
$laterbase$;
