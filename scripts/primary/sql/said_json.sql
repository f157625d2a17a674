SELECT pg_catalog.to_json(said) FROM (SELECT pg_catalog.current_setting('laterbase.said') AS said) s WHERE said <> '';
