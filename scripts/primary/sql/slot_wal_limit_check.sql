SELECT CASE WHEN (SELECT setting::int FROM pg_settings WHERE name = 'max_slot_wal_keep_size') = (
    SELECT max(CASE WHEN o->'cap'->>'set' ~ '^[0-9]{1,9}$' THEN (o->'cap'->>'set')::int END) FROM (
      SELECT CASE WHEN shobj_description(oid, 'pg_authid') ~ current_setting('laterbase.record')
                  THEN shobj_description(oid, 'pg_authid')::jsonb END AS o FROM pg_roles) r)
  THEN 'ok' ELSE 'not yet' END;
