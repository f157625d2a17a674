-- Records the networks and the roles that are let in: a preview compares them with pg_hba.conf.
DO $laterbase$
DECLARE
  args constant jsonb := current_setting('laterbase.args')::jsonb;
  note text;
BEGIN
  SELECT shobj_description(oid, 'pg_authid') INTO note FROM pg_roles WHERE rolname = args->>'role';
  IF (CASE WHEN note ~ current_setting('laterbase.record') THEN note::jsonb->>'owner' END) IS DISTINCT FROM args->>'owner' THEN
    RAISE EXCEPTION 'Role "%" with the record of % is not on the primary: the role step comes first.',
      args->>'role', args->>'owner';
  END IF;
  EXECUTE format('COMMENT ON ROLE %I IS %L', args->>'role',
    (note::jsonb - 'hbaDumps' - 'hbaPgAdmin' - 'hbaBackups' - 'hbaHealth' - 'hbaRestore')
      || jsonb_build_object('hba', args->'networks', 'hbaGuard', true) || (args->'recorded'));
END
$laterbase$;
