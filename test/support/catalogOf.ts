/** Every right that a database's objects give, by their names, independent of how PostgreSQL orders them. */
export const rightsOf = `
SELECT json_agg(DISTINCT line ORDER BY line) FROM (
  SELECT format('%s %s: %s %s by %s%s', kind, object, CASE grantee WHEN 0 THEN '-' ELSE quote_ident(pg_get_userbyid(grantee)) END,
                privilege_type, quote_ident(pg_get_userbyid(grantor)), CASE WHEN is_grantable THEN ' *' ELSE '' END) COLLATE "C" AS line
    FROM (
      SELECT 'relation' AS kind, oid::regclass::text AS object, relacl AS acl FROM pg_class
      UNION ALL SELECT 'column', attrelid::regclass || '.' || attname, attacl FROM pg_attribute
      UNION ALL SELECT 'function', oid::regprocedure::text, proacl FROM pg_proc
      UNION ALL SELECT 'type', oid::regtype::text, typacl FROM pg_type
      UNION ALL SELECT 'schema', nspname, nspacl FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp'
      UNION ALL SELECT 'language', lanname, lanacl FROM pg_language
      UNION ALL SELECT 'wrapper', fdwname, fdwacl FROM pg_foreign_data_wrapper
      UNION ALL SELECT 'server', srvname, srvacl FROM pg_foreign_server
      UNION ALL SELECT 'large object', oid::text, lomacl FROM pg_largeobject_metadata
      UNION ALL SELECT 'database', 'this', datacl FROM pg_database WHERE datname = current_database()
      UNION ALL SELECT 'default of ' || quote_ident(pg_get_userbyid(defaclrole)),
                       coalesce(nspname, 'everywhere') || ' ' || defaclobjtype::text, defaclacl
        FROM pg_default_acl LEFT JOIN pg_namespace n ON n.oid = defaclnamespace
    ) objects, aclexplode(acl)
) lines`;

/** The whole row of pg_database, without what every database has of its own, and all settings. */
export const propertiesOf = `
SELECT jsonb_build_array(to_jsonb(d) - array['oid', 'datname', 'datfrozenxid', 'datminmxid', 'datlastsysoid', 'datacl'],
         (SELECT jsonb_agg(jsonb_build_array(setrole::regrole, setconfig) ORDER BY setrole)
            FROM pg_db_role_setting WHERE setdatabase = d.oid),
         shobj_description(d.oid, 'pg_database'))
  FROM pg_database d WHERE datname = current_database()`;
