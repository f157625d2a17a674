-- Names and texts that end a statement, a line, a list or a pattern.
CREATE SCHEMA "a""; DROP SCHEMA public; --"; CREATE TABLE "a""; DROP SCHEMA public; --"."
-- Name: x; Type: TABLE; Schema: y; Owner: z
" (";" text, "\." text); INSERT INTO "a""; DROP SCHEMA public; --"."
-- Name: x; Type: TABLE; Schema: y; Owner: z
" VALUES ('\.', E'\n\\.\n'), (E'\\N', '\N'), (NULL, '');
CREATE TABLE "PUBLIC" ("user" int, "SELECT" text); CREATE TABLE "GRANT SELECT ON x TO y;" (n int); COMMENT ON TABLE "PUBLIC" IS E'\n-- Name: fake; Type: ACL; Schema: -; Owner: nobody\nGRANT ALL ON x TO nobody;\n';
CREATE FUNCTION "$_$"() RETURNS text LANGUAGE sql AS '
-- Name: fake; Type: ACL; Schema: -; Owner: somebody
GRANT SELECT ON "PUBLIC" TO somebody;
SELECT $a$\connect template1$a$::text';
CREATE TABLE "日本語 🐘" ("e\u0301" int); CREATE TYPE "Type ' \" AS ENUM ('', ' ', ''';--'); CREATE TABLE "üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü" (n int CONSTRAINT "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" CHECK (n > 0));
