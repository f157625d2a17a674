-- A role that owns one database. What others have made is refused before anything is changed. One transaction creates
-- the role and the record of its owner, so neither exists alone.
DO $laterbase$
DECLARE
  args   constant jsonb := current_setting('laterbase.args')::jsonb;
  wanted constant text := args->'application'->>'role';
  base   constant text := args->'application'->>'database';
  stamp  constant jsonb := jsonb_build_object('laterbase', 1, 'owner', args->>'owner', 'application', base,
    'verifier', encode(sha256(convert_to(args->>'verifier', 'UTF8')), 'hex'));
  have   record;
  other  record;
  note   jsonb;
  former text;
  groups text;
  did    text := '';
BEGIN
  SELECT a.*, shobj_description(a.oid, 'pg_authid') AS comment INTO have FROM pg_authid a WHERE a.rolname = wanted;
  note := CASE WHEN have.comment ~ current_setting('laterbase.record') THEN have.comment::jsonb END;
  IF have.oid IS NOT NULL THEN
    IF note IS NULL AND current_setting('laterbase.mode') <> 'repair' THEN
      RAISE EXCEPTION '%', args->'refusals'->>'applicationOfOthers';
    ELSIF note IS NOT NULL AND (note->>'owner' IS DISTINCT FROM args->>'owner' OR NOT note ? 'application') THEN
      RAISE EXCEPTION '%', format(args->'refusals'->>'roleOfStack', wanted, note->>'owner', args->>'owner');
    END IF;
  END IF;
  -- Until a restore ends, the database is a superuser's, and an owner would let clients in. Others may write that comment too.
  IF EXISTS (SELECT FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE d.datname = base AND r.rolsuper
      AND shobj_description(d.oid, 'pg_database') ~ '^laterbase .*: not finished, being restored from ') THEN
    RAISE EXCEPTION '%', args->'refusals'->>'beingRestored';
  END IF;
  SELECT d.datdba AS oid, r.rolname AS name,
      CASE WHEN shobj_description(r.oid, 'pg_authid') ~ current_setting('laterbase.record')
        THEN shobj_description(r.oid, 'pg_authid')::jsonb END AS note INTO other
    FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE d.datname = base;
  -- 10 is the superuser that initdb makes.
  IF other.oid NOT IN (10, coalesce(have.oid, 10))
     AND NOT coalesce(other.note->>'owner' = args->>'owner' AND other.note ? 'application', false) THEN
    RAISE EXCEPTION '%', format(args->'refusals'->>'databaseOfOthers', other.name);
  END IF;

  IF have.oid IS NULL THEN
    EXECUTE format('CREATE ROLE %I LOGIN PASSWORD %L', wanted, args->>'verifier');
    did := format('Role "%s" is created.', wanted);
  ELSE
    IF note IS NULL THEN
      -- A person may have made it anew: nothing that it may do is taken over in silence.
      SELECT string_agg(DISTINCT format('"%s"', translate(g.rolname, E'\n\r', '  ')), ', ') INTO groups
        FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = have.oid;
      did := format('warning: Role "%s" had no record of Laterbase any more, and is taken over with what it owns.%s%s', wanted,
        CASE WHEN have.rolsuper OR have.rolcreaterole OR have.rolcreatedb OR have.rolreplication OR have.rolbypassrls
          THEN ' Its rights on the whole server are taken away.' ELSE '' END,
        CASE WHEN groups IS NULL THEN ''
          ELSE format(' It stays a member of %s: take that back by REVOKE where it is not meant.', groups) END) || E'\n';
    END IF;
    did := did || format('Role "%s" is in place.', wanted);
    IF have.rolsuper OR have.rolcreaterole OR have.rolcreatedb OR have.rolreplication OR have.rolbypassrls
       OR NOT have.rolinherit OR NOT have.rolcanlogin OR have.rolvaliduntil < 'infinity' THEN
      EXECUTE format('ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS INHERIT'
        ' VALID UNTIL ''infinity''', wanted);
      did := did || ' Its attributes are corrected.';
    END IF;
    IF have.rolpassword IS DISTINCT FROM args->>'verifier' THEN
      EXECUTE format('ALTER ROLE %I PASSWORD %L', wanted, args->>'verifier');
      did := did || ' Its password is set.';
    END IF;
    former := nullif(note->>'application', base);
    IF EXISTS (SELECT FROM pg_database WHERE datname = former AND datdba = have.oid) THEN
      EXECUTE format('ALTER DATABASE %I OWNER TO %I', former, (SELECT rolname FROM pg_roles WHERE oid = 10));
      did := did || format(' Database "%s" belongs to the superuser again.', former);
    END IF;
  END IF;
  EXECUTE format('COMMENT ON ROLE %I IS %L', wanted, stamp);
  PERFORM set_config('laterbase.said', did, false);
  PERFORM set_config('laterbase.made', CASE WHEN other.oid IS NULL THEN base ELSE '' END, false);
END
$laterbase$;
SELECT format('CREATE DATABASE %I OWNER %I', current_setting('laterbase.made'), a->'application'->>'role')
  FROM (SELECT current_setting('laterbase.args')::jsonb AS a) args WHERE current_setting('laterbase.made') <> '' \gexec
