-- Large objects with holes, without bytes, of several owners, with comments.
SELECT lo_create(5); SELECT lo_put(5, 100000, 'x'); SELECT lo_create(6); SELECT lo_from_bytea(7, decode(repeat('00ff', 50000), 'hex'));
ALTER LARGE OBJECT 5 OWNER TO rt_alice; COMMENT ON LARGE OBJECT 5 IS E'it''s\nfive'; GRANT SELECT ON LARGE OBJECT 6 TO "rt ""q""'s"; SELECT count(lo_from_bytea(0, n::text::bytea)) FROM generate_series(1, 3000) n;
CREATE TABLE points_at (o oid); INSERT INTO points_at VALUES (5), (7);
