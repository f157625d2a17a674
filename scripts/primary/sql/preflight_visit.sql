-- What only a session in the database can read: its extensions, and the collations of its indexes. The answer
-- is one line of hexadecimal digits, which every encoding leaves unchanged.
WITH keys AS (
  SELECT DISTINCT i.indexrelid, a.amname, k.coll AS id
    FROM pg_index i
    JOIN pg_class r ON r.oid = i.indexrelid
    JOIN pg_am a ON a.oid = r.relam
    CROSS JOIN LATERAL unnest(i.indcollation::oid[]) AS k (coll)
   WHERE k.coll <> 0),
kinds AS (
  SELECT c.oid AS id,
         CASE collprovider WHEN 'd' THEN coalesce(db->>'datlocprovider', 'c') ELSE collprovider::text END AS provider,
         CASE collprovider
           WHEN 'd' THEN coalesce(db->>'datlocale', db->>'daticulocale', db->>'datcollate')
           ELSE coalesce(to_jsonb(c)->>'colllocale', to_jsonb(c)->>'colliculocale', collcollate) END AS locale,
         CASE collprovider WHEN 'd' THEN db->>'datcollversion' ELSE collversion END AS version
    FROM pg_collation c, (SELECT to_jsonb(d) AS db FROM pg_database d WHERE datname = current_database()) d
   WHERE c.oid IN (SELECT id FROM keys)),
orders AS (
  SELECT provider, locale, max(version) AS version, count(DISTINCT indexrelid) AS indexes,
         count(DISTINCT indexrelid) FILTER (WHERE amname <> 'btree') AS others
    FROM keys JOIN kinds USING (id) WHERE locale NOT IN ('C', 'POSIX') GROUP BY provider, locale)
SELECT encode(convert_to(regexp_replace(jsonb_build_object(
    'oid', (SELECT oid FROM pg_database WHERE datname = current_database()),
    'extensions', (SELECT jsonb_agg(extname ORDER BY extname) FROM pg_extension),
    'orders', (SELECT coalesce(jsonb_agg(to_jsonb(o)), '[]') FROM orders o))::text,
  '[^ -~]' COLLATE "C", '?', 'g'), 'UTF8'), 'hex');
