import { Readable } from "node:stream";
import { readNeeds } from "../../../scripts/agent/restore/needs";

const script = String.raw`
--
-- Name: films; Type: TABLE; Schema: public; Owner: pöst gres; Tablespace: fast disk
--
CREATE TABLE public.films (id integer);
ALTER TABLE public.films OWNER TO "pöst gres";

--
-- Name: f(); Type: FUNCTION; Schema: public; Owner: alice
--
CREATE FUNCTION public.f() RETURNS text LANGUAGE sql AS $$
GRANT SELECT ON TABLE public.films TO nobody_at_all;
$$;

--
-- Name: EXTENSION plpgsql; Type: COMMENT; Schema: -; Owner: -
--

--
-- Name: TABLE films; Type: ACL; Schema: public; Owner: pöst gres
--
REVOKE ALL ON TABLE public.films FROM PUBLIC;
GRANT SELECT(a),UPDATE(a) ON TABLE "public"."films" TO "Bob ""B""" WITH GRANT OPTION;
SET SESSION AUTHORIZATION "Bob ""B""";
GRANT SELECT ON TABLE public.films TO carol;
RESET SESSION AUTHORIZATION;

--
-- Name: DEFAULT PRIVILEGES FOR TABLES; Type: DEFAULT ACL; Schema: s; Owner: dave
--
ALTER DEFAULT PRIVILEGES FOR ROLE dave IN SCHEMA s GRANT SELECT ON TABLES TO erin;

--
-- Name: films p; Type: POLICY; Schema: public; Owner: pöst gres
--
CREATE POLICY p ON public.films FOR SELECT TO frank, "Gr ace", PUBLIC USING (true);

--
-- Name: USER MAPPING heidi SERVER s; Type: USER MAPPING; Schema: -; Owner: ivan
--
CREATE USER MAPPING FOR heidi SERVER s;
`;

it("finds the roles and tablespaces that statements name, and none in a function's text", async () => {
  const { roles, tablespaces } = await readNeeds(Readable.from([script]));
  expect([...roles].sort()).toEqual(
    [
      "pöst gres",
      "alice",
      'Bob "B"',
      "carol",
      "dave",
      "erin",
      "frank",
      "Gr ace",
      "heidi",
      "ivan",
    ].sort(),
  );
  expect([...tablespaces]).toEqual(["fast disk"]);
});

it.each([
  ["LATIN1", Buffer.from("\xd6wner", "latin1"), "Öwner"],
  ["LATIN5", Buffer.from("\xdeah", "latin1"), "Şah"],
  ["LATIN9", Buffer.from("\xa4uro", "latin1"), "€uro"],
  ["WIN1251", Buffer.from("\xcf", "latin1"), "П"],
  ["EUC_JP", Buffer.from([0xc6, 0xfc]), "日"],
  ["UTF8", Buffer.from("日"), "日"],
])("reads a role's name in the encoding of the dump: %s", async (encoding, bytes, expected) => {
  const head = `SET client_encoding = '${encoding}';\n-- Name: t; Type: TABLE; Schema: s; Owner: `;
  const whole = Buffer.concat([Buffer.from(head), bytes, Buffer.from("\n")]);
  // A piece may end within a letter.
  const pieces = [whole.subarray(0, head.length + 1), whole.subarray(head.length + 1)];
  const { roles } = await readNeeds(Readable.from(pieces));
  expect([...roles]).toEqual([expected]);
});
