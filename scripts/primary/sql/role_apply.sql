-- One transaction creates the role and the record of its owner, so neither exists alone. A stack has a role
-- that replicates, one that dumps, to which row security does not apply, and one that pgAdmin connects by.
DO $laterbase$
DECLARE
  args   constant jsonb := current_setting('laterbase.args')::jsonb;
  wanted constant text := args->'made'->>'name';
  replicates constant boolean := args->'made'->>'replicates';
  bypasses   constant boolean := args->'made'->>'bypassesPolicies';
  connections constant int := args->'made'->>'connections';
  kind   constant text := CASE WHEN replicates THEN 'REPLICATION' ELSE 'NOREPLICATION' END
    || CASE WHEN bypasses THEN ' BYPASSRLS' ELSE ' NOBYPASSRLS' END || ' CONNECTION LIMIT ' || connections;
  -- What a new record contains. The steps of the roles that read add what they granted.
  blank  constant jsonb := CASE WHEN replicates THEN '{"slots": []}' ELSE '{}' END;
  -- By this hash a preview detects a changed password without knowing the right one.
  stamp  constant jsonb := jsonb_build_object('laterbase', 1, 'owner', args->>'owner',
    'verifier', encode(sha256(convert_to(args->>'verifier', 'UTF8')), 'hex'));
  have   record;
  holder text;
  did    text := '';
BEGIN
  SELECT a.*, shobj_description(a.oid, 'pg_authid') AS note INTO have
    FROM pg_authid a WHERE a.rolname = wanted;
  IF NOT FOUND THEN
    EXECUTE format('CREATE ROLE %I LOGIN %s PASSWORD %L', wanted, kind, args->>'verifier');
    EXECUTE format('COMMENT ON ROLE %I IS %L', wanted, stamp || blank);
    PERFORM set_config('laterbase.said', format('Role "%s" is created.', wanted), false);
    RETURN;
  END IF;

  holder := CASE WHEN have.note ~ current_setting('laterbase.record') THEN have.note::jsonb->>'owner' END;
  IF coalesce(holder = args->>'former', false) THEN
    did := did || ' It is recorded in the present form.';
  ELSIF holder IS DISTINCT FROM args->>'owner' THEN
    IF holder IS NOT NULL THEN
      RAISE EXCEPTION '%', format(args->'refusals'->>CASE
        WHEN split_part(holder, '#', 1) = split_part(args->>'owner', '#', 1) THEN 'roleOfEarlier' ELSE 'roleOfStack' END,
        wanted, holder, args->>'owner', split_part(holder, '#', 2));
    ELSIF current_setting('laterbase.mode') <> 'repair' THEN
      RAISE EXCEPTION '%', format(args->'refusals'->>'roleOfOthers', wanted);
    END IF;
    have.note := blank;
    did := did || ' Its ownership record is written again.';
  END IF;

  IF have.rolsuper OR have.rolcreaterole OR have.rolcreatedb OR NOT have.rolinherit
     OR NOT have.rolcanlogin OR have.rolreplication <> replicates OR have.rolbypassrls <> bypasses
     OR have.rolconnlimit <> connections OR have.rolvaliduntil < 'infinity' THEN
    EXECUTE format('ALTER ROLE %I LOGIN %s NOSUPERUSER NOCREATEROLE NOCREATEDB INHERIT'
      ' VALID UNTIL ''infinity''', wanted, kind);
    did := did || ' Its attributes are corrected.';
  END IF;
  EXECUTE format('COMMENT ON ROLE %I IS %L', wanted, have.note::jsonb || stamp);
  IF have.rolpassword IS DISTINCT FROM args->>'verifier' THEN
    EXECUTE format('ALTER ROLE %I PASSWORD %L', wanted, args->>'verifier');
    did := did || ' Its password is set.';
  END IF;
  PERFORM set_config('laterbase.said',
    format('Role "%s" is in place.', wanted) || did, false);
END
$laterbase$;
