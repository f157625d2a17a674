SELECT CASE WHEN (SELECT setting::int FROM pg_settings WHERE name = 'max_slot_wal_keep_size') = (
    SELECT max((o->'cap'->>'set')::int) FROM (
      SELECT CASE WHEN shobj_description(oid, 'pg_authid') LIKE '{%"laterbase"%'
                  THEN shobj_description(oid, 'pg_authid')::jsonb END AS o FROM pg_roles) r)
  THEN 'ok' ELSE 'not yet' END;
