-- Drops args.slot, or every recorded slot when there is none in args (the role step's sweep).
-- Without our role there is no record. The slot that this stack made is dropped all the same: otherwise it would
-- keep WAL forever.
DO $laterbase$
DECLARE
  args   constant jsonb := current_setting('laterbase.args')::jsonb;
  ours   jsonb;
  gone   jsonb := '[]';
  slot   text;
  claim  text;
  said   text := '';
BEGIN
  SELECT coalesce(shobj_description(oid, 'pg_authid'), '') INTO claim FROM pg_roles WHERE rolname = args->>'role';
  ours := CASE WHEN claim ~ current_setting('laterbase.record') THEN claim::jsonb END;
  IF claim IS NOT NULL AND ours->>'owner' IS DISTINCT FROM args->>'owner' THEN
    RETURN;
  END IF;
  FOR slot IN SELECT * FROM jsonb_array_elements_text(CASE WHEN args ? 'slot'
      THEN jsonb_build_array(args->'slot') ELSE coalesce(ours->'slots', '[]') END) LOOP
    IF EXISTS (SELECT FROM pg_roles CROSS JOIN LATERAL shobj_description(oid, 'pg_authid') AS note
        WHERE rolname <> args->>'role' AND CASE WHEN note ~ current_setting('laterbase.record') THEN note::jsonb->'slots' ? slot END)
       OR (ours IS NOT NULL AND NOT coalesce(ours->'slots' ? slot, false)) THEN
      said := said || format('Slot "%s" does not belong to this stack: it is left alone. ', slot);
      CONTINUE;
    END IF;
    gone := gone || to_jsonb(slot);
    IF NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = slot) THEN
      said := said || format('Slot "%s" is gone already. ', slot);
      CONTINUE;
    END IF;
    -- A standby that still runs reconnects at once, so this may need several attempts.
    FOR try IN 1..100 LOOP
      PERFORM pg_terminate_backend(active_pid) FROM pg_replication_slots
        WHERE slot_name = slot AND active_pid IS NOT NULL;
      BEGIN
        PERFORM pg_drop_replication_slot(slot);
        EXIT;
      EXCEPTION WHEN object_in_use THEN
        IF try = 100 THEN
          RAISE EXCEPTION 'Slot "%" stays in use: stop the standby that streams from it.', slot;
        END IF;
        PERFORM pg_sleep(0.05);
      END;
    END LOOP;
    said := said || format('Slot "%s" is dropped. ', slot);
  END LOOP;
  IF ours IS NOT NULL AND gone <> '[]' THEN
    EXECUTE format('COMMENT ON ROLE %I IS %L', args->>'role', jsonb_set(ours, '{slots}',
      coalesce((SELECT jsonb_agg(s) FROM jsonb_array_elements(ours->'slots') s WHERE NOT gone @> s), '[]'))::text);
  END IF;
  PERFORM set_config('laterbase.said', trim(said), false);
END
$laterbase$;
