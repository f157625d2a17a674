-- Values that depend on settings of the database: time zone, money, text search, search_path.
ALTER DATABASE :"db" SET TimeZone = 'Asia/Kathmandu'; ALTER DATABASE :"db" SET DateStyle = 'SQL, DMY';
ALTER DATABASE :"db" SET lc_monetary = 'de_DE.UTF-8'; ALTER DATABASE :"db" SET default_text_search_config = 'pg_catalog.german';
\c
CREATE TABLE t (at timestamptz, m money, body text);
INSERT INTO t VALUES ('2024-06-01 22:30+00', 1234.5::numeric::money, 'die Häuser'), ('2024-12-31 18:30+00', '-1'::numeric::money, 'Fliegen');
CREATE MATERIALIZED VIEW days AS SELECT at::date AS day, to_char(at, 'HH24:MI') AS clock, to_tsvector(body) AS words, m::text AS euros FROM t;
CREATE MATERIALIZED VIEW over_days AS SELECT day, count(*) FROM days GROUP BY 1;
CREATE MATERIALIZED VIEW never AS SELECT day FROM days WITH NO DATA;
CREATE INDEX ON t USING gin (to_tsvector('german', body));
