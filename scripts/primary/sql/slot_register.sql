DO $laterbase$
DECLARE
  args   constant jsonb := current_setting('laterbase.args')::jsonb;
  slot   constant text := args->>'slot';
  ours   jsonb;
  holder text;
BEGIN
  SELECT CASE WHEN shobj_description(oid, 'pg_authid') ~ current_setting('laterbase.record')
              THEN shobj_description(oid, 'pg_authid')::jsonb END
    INTO ours FROM pg_roles WHERE rolname = args->>'role';
  IF ours->>'owner' IS DISTINCT FROM args->>'owner' THEN
    RAISE EXCEPTION 'Role "%" with the record of % is not on the primary: the role step comes first.',
      args->>'role', args->>'owner';
  END IF;
  IF ours->'slots' ? slot THEN
    RETURN;
  END IF;
  SELECT o->>'owner' INTO holder FROM (
    SELECT CASE WHEN shobj_description(oid, 'pg_authid') ~ current_setting('laterbase.record')
                THEN shobj_description(oid, 'pg_authid')::jsonb END AS o
      FROM pg_roles WHERE rolname <> args->>'role') r WHERE o->'slots' ? slot;
  IF holder IS NOT NULL THEN
    RAISE EXCEPTION '%', format(args->'refusals'->>'slotOfStack', slot, holder, args->>'owner');
  END IF;
  IF current_setting('laterbase.mode') <> 'repair'
     AND EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = slot) THEN
    RAISE EXCEPTION '%', format(args->'refusals'->>'slotOfOthers', slot);
  END IF;
  EXECUTE format('COMMENT ON ROLE %I IS %L', args->>'role',
    jsonb_set(ours, '{slots}', coalesce(ours->'slots', '[]') || to_jsonb(slot))::text);
END
$laterbase$;
