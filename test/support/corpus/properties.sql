-- Every column of pg_database and pg_db_role_setting that can be set.
-- create: ENCODING 'UTF8' LC_COLLATE 'de_DE.UTF-8' LC_CTYPE 'fr_FR.UTF-8' CONNECTION LIMIT 17
CREATE TABLE t (t text UNIQUE); INSERT INTO t VALUES ('Äpfel'), ('Zebra'), ('apfel');
ALTER DATABASE :"db" OWNER TO "rt Böb"; COMMENT ON DATABASE :"db" IS E'it''s \\ a "comment"\nof two lines';
ALTER DATABASE :"db" IS_TEMPLATE true; REVOKE ALL ON DATABASE :"db" FROM PUBLIC; GRANT CONNECT ON DATABASE :"db" TO PUBLIC;
ALTER DATABASE :"db" SET "app.a" = E'x\n''"y'; ALTER DATABASE :"db" SET temp_tablespaces = ''; ALTER ROLE "rt ""q""'s" IN DATABASE :"db" SET search_path = "A b", public;
