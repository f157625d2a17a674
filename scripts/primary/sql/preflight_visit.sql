-- What only a session in the database can read: its extensions, the libraries of functions that no extension
-- brought, and the collations of its indexes. The answer
-- is one line of hexadecimal digits, which every encoding leaves unchanged.
WITH keys AS (
  SELECT DISTINCT i.indexrelid, a.amname, k.coll AS id
    FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class r ON r.oid = i.indexrelid
    JOIN pg_catalog.pg_am a ON a.oid = r.relam
    CROSS JOIN LATERAL pg_catalog.unnest(i.indcollation::oid[]) AS k (coll)
   WHERE k.coll <> 0),
kinds AS (
  SELECT c.oid AS id,
         CASE collprovider WHEN 'd' THEN coalesce(db->>'datlocprovider', 'c') ELSE collprovider::text END AS provider,
         CASE collprovider
           WHEN 'd' THEN coalesce(db->>'datlocale', db->>'daticulocale', db->>'datcollate')
           ELSE coalesce(pg_catalog.to_jsonb(c)->>'colllocale', pg_catalog.to_jsonb(c)->>'colliculocale', collcollate) END AS locale,
         CASE collprovider WHEN 'd' THEN db->>'datcollversion' ELSE collversion END AS version
    FROM pg_catalog.pg_collation c, (SELECT pg_catalog.to_jsonb(d) AS db FROM pg_catalog.pg_database d WHERE datname = pg_catalog.current_database()) d
   WHERE c.oid IN (SELECT id FROM keys)),
orders AS (
  SELECT provider, locale, pg_catalog.max(version) AS version, pg_catalog.count(DISTINCT indexrelid) AS indexes,
         pg_catalog.count(DISTINCT indexrelid) FILTER (WHERE amname <> 'btree') AS others
    FROM keys JOIN kinds USING (id) WHERE locale NOT IN ('C', 'POSIX') GROUP BY provider, locale)
SELECT pg_catalog.encode(pg_catalog.convert_to(pg_catalog.regexp_replace(pg_catalog.jsonb_build_object(
    'oid', (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()),
    'extensions', (SELECT pg_catalog.jsonb_agg(extname ORDER BY extname) FROM pg_catalog.pg_extension),
    'libraries', (SELECT coalesce(pg_catalog.jsonb_agg(DISTINCT probin), '[]') FROM pg_catalog.pg_proc p
       WHERE probin IS NOT NULL AND p.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend
         WHERE classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND objid = p.oid AND deptype = 'e')),
    'orders', (SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.to_jsonb(o)), '[]') FROM orders o))::text,
  '[^ -~]' COLLATE "C", '?', 'g'), 'UTF8'), 'hex');
