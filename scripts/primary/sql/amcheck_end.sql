SELECT pg_catalog.to_json(pg_catalog.pg_current_wal_insert_lsn()::text);
