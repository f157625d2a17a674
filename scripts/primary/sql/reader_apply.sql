-- Grants a role that writes nothing what it needs: the role that dumps, the one that pgAdmin connects by, or
-- the one that backs up. Which one is laterbase.reader; readers.ts says what each has, and why.
DO $laterbase$
DECLARE
  args   constant jsonb := current_setting('laterbase.args')::jsonb;
  kind   constant text := current_setting('laterbase.reader');
  reader constant jsonb := args->'readers'->kind;
  wanted constant text := reader->>'role';
  newer  constant boolean := current_setting('server_version_num')::int >= 160000;
  ours   jsonb;
  have   record;
  given  jsonb;
  one    record;
  did    text := '';
BEGIN
  SELECT CASE WHEN shobj_description(oid, 'pg_authid') ~ current_setting('laterbase.record')
              THEN shobj_description(oid, 'pg_authid')::jsonb END
    INTO ours FROM pg_roles WHERE rolname = args->>'role';
  IF ours->>'owner' IS DISTINCT FROM args->>'owner' THEN
    RAISE EXCEPTION 'Role "%" with the record of % is not on the primary: the role step comes first.',
      args->>'role', args->>'owner';
  END IF;
  SELECT oid, shobj_description(oid, 'pg_authid')::jsonb AS note INTO have
    FROM pg_roles WHERE rolname = wanted;

  FOR one IN SELECT rolname FROM pg_roles
      WHERE reader->'memberships' ? rolname::text AND NOT pg_has_role(have.oid, oid, 'USAGE')
      ORDER BY rolname LOOP
    -- From PostgreSQL 16 on a membership can exist without its rights.
    EXECUTE format('GRANT %I TO %I', one.rolname, wanted) || CASE WHEN newer THEN ' WITH INHERIT TRUE' ELSE '' END;
    did := did || format(' It has the rights of %s.', one.rolname);
  END LOOP;
  FOR one IN SELECT key, value FROM jsonb_each_text(reader->'settings') ORDER BY key LOOP
    IF NOT EXISTS (SELECT FROM pg_db_role_setting
        WHERE setrole = have.oid AND setdatabase = 0 AND setconfig @> ARRAY[one.key || '=' || one.value]) THEN
      -- An empty list of libraries, as a literal, would become a list with an empty name: a role with it
      -- cannot log in.
      PERFORM set_config(one.key, one.value, true);
      EXECUTE format('ALTER ROLE %I SET %I FROM CURRENT', wanted, one.key);
      did := did || format(' Its %s is %s.', one.key, coalesce(nullif(one.value, ''), 'empty'));
    END IF;
  END LOOP;
  IF reader->'executes' <> '[]' AND NOT reader->'databases' ? current_database()::text THEN
    RAISE EXCEPTION 'The primary has no database "%", which the role "%" connects to: create it.',
      reader->'databases'->>0, wanted;
  END IF;
  FOR one IN SELECT name FROM jsonb_array_elements_text(reader->'executes') AS f (name)
      WHERE NOT has_function_privilege(have.oid, name, 'EXECUTE') LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', one.name::regprocedure, wanted);
    did := did || format(' It may call %s.', one.name::regprocedure);
  END LOOP;
  -- They would overrule those above.
  FOR one IN SELECT datname FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase
      WHERE setrole = have.oid ORDER BY datname LOOP
    EXECUTE format('ALTER ROLE %I IN DATABASE %I RESET ALL', wanted, one.datname);
    did := did || format(' It has no settings of its own in "%s" any more.', one.datname);
  END LOOP;

  -- Databases are recorded by oid, because a name may change. Without a record, all grants count as ours.
  SELECT coalesce(jsonb_agg(d.oid::bigint ORDER BY d.oid), '[]') INTO given FROM pg_database d
    WHERE CASE WHEN have.note ? 'connect' THEN have.note->'connect' @> to_jsonb(d.oid::bigint)
      ELSE EXISTS (SELECT FROM aclexplode(d.datacl) x
        WHERE x.grantee = have.oid AND x.privilege_type = 'CONNECT') END;
  FOR one IN SELECT oid, datname FROM pg_database
      WHERE datallowconn AND datname NOT IN ('template0', 'template1') AND NOT has_database_privilege(have.oid, oid, 'CONNECT')
        AND (NOT reader ? 'databases' OR reader->'databases' ? datname::text)
      ORDER BY datname LOOP
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', one.datname, wanted);
    IF NOT given @> to_jsonb(one.oid::bigint) THEN
      given := given || to_jsonb(one.oid::bigint);
    END IF;
    did := did || format(' It may connect to "%s".', one.datname);
  END LOOP;

  EXECUTE format('COMMENT ON ROLE %I IS %L', wanted, have.note || jsonb_build_object('connect', given));
  EXECUTE format('COMMENT ON ROLE %I IS %L', args->>'role', ours || jsonb_build_object(kind, wanted));
  PERFORM set_config('laterbase.said', current_setting('laterbase.said') || did, false);
END
$laterbase$;
