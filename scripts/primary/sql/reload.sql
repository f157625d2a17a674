SELECT CASE WHEN pg_reload_conf() THEN '' END;
