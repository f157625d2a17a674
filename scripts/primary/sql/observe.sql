WITH args AS (
  SELECT current_setting('laterbase.args')::jsonb AS a),
records AS (
  SELECT rolname, CASE WHEN note LIKE '{%"laterbase"%' THEN note::jsonb END AS o FROM (
    SELECT rolname, shobj_description(oid, 'pg_authid') AS note FROM pg_roles) r),
hba AS (
  SELECT substring(content FROM begun) AS content, tail FROM (
    SELECT content, convert_to(E'\n# END laterbase ' || (o->>'owner'), 'UTF8') AS tail,
           nullif(position(convert_to('# BEGIN laterbase ' || (o->>'owner') || E'\n', 'UTF8') IN content), 0) AS begun
      FROM args JOIN records ON rolname = a->>'role',
           pg_read_binary_file(current_setting('hba_file')) AS content) c),
rules AS (
  SELECT r.*, coalesce((to_jsonb(r)->>'rule_number')::int, line_number) AS place,
         type = 'host' AND database = '{replication}' AND user_name = ARRAY[a->>'role']
           AND auth_method = 'scram-sha-256' AS ours
    FROM pg_hba_file_rules r, args WHERE error IS NULL),
wanted AS (
  SELECT n, min(place) AS place, min(nth) AS nth
    FROM args JOIN records ON rolname = a->>'role'
    CROSS JOIN jsonb_array_elements_text(coalesce(o->'hba', '[]')) WITH ORDINALITY AS h (n, nth)
    LEFT JOIN rules ON ours AND CASE WHEN n IN ('samenet', 'samehost', 'all') THEN address = n
      ELSE address = host(n::inet) AND netmask = host(netmask(n::inet)) END
    GROUP BY n)
SELECT jsonb_build_object(
  'role', (SELECT jsonb_build_object(
      'sound', rolcanlogin AND rolreplication AND NOT (rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls)
        AND rolconnlimit = -1 AND coalesce(rolvaliduntil = 'infinity', true),
      'verifier', encode(sha256(convert_to(rolpassword, 'UTF8')), 'hex'),
      'comment', shobj_description(oid, 'pg_authid'))
    FROM pg_authid WHERE rolname = a->>'role'),
  'slots', coalesce((SELECT jsonb_object_agg(slot_name, jsonb_build_object(
      'type', slot_type, 'status', wal_status, 'reserved', restart_lsn IS NOT NULL))
    FROM pg_replication_slots WHERE a->'slots' ? slot_name::text), '{}'),
  'cap', (SELECT setting::int FROM pg_settings WHERE name = 'max_slot_wal_keep_size'),
  'otherCap', (SELECT max((o->'cap'->>'set')::int) FROM records WHERE rolname <> a->>'role'),
  'missing', coalesce((SELECT jsonb_agg(n ORDER BY nth) FROM wanted w WHERE w.place IS NULL OR EXISTS (
      SELECT FROM rules o WHERE NOT o.ours AND o.place < w.place AND o.type LIKE 'host%'
        AND 'replication' = ANY (o.database) AND o.user_name && ARRAY['all', a->>'role'])), '[]'),
  'block', (SELECT encode(substring(content FOR position(tail IN content) + length(tail) - 1), 'escape')
    FROM hba WHERE position(tail IN content) > 0))
  FROM args;
