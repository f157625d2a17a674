SELECT pg_catalog.json_build_object('oid', d.oid::bigint, 'said', pg_catalog.current_setting('laterbase.said'),
    'why', nullif(pg_catalog.current_setting('laterbase.why', true), ''))
  FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database();
