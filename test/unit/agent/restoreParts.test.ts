import { partsOf } from "../../../scripts/agent/restore/parts";
import type { Entry } from "../../../scripts/agent/dump/toc";

let id = 0;
const entry = (
  kind: string,
  section: Entry["section"],
  owner: string,
  more: Partial<Entry> = {},
): Entry => ({
  ...{ id: ++id, kind, section, owner, schema: "s", name: `n${id}` },
  ...{ tablespace: "", accessMethod: "", definition: "", copy: "", needs: [] },
  ...more,
});
const define = (kind: string, owner: string, more: Partial<Entry> = {}) =>
  entry(kind, "pre-data", owner, more);
const finish = (kind: string, owner: string, more: Partial<Entry> = {}) =>
  entry(kind, "post-data", owner, more);

/** The parts in short: the stage, the owners, and the kinds of the entries. */
const parts = (...entries: Entry[]) =>
  partsOf(entries, (owner) => owner === "postgres").map(({ stage, owners, entries: own }) =>
    [stage, owners.join("+") || "-", own.map(({ kind }) => kind).join(", ")].join(": "),
  );

beforeEach(() => (id = 0));

it("leaves definitions that evaluate nothing to the superuser", () => {
  expect(
    parts(
      define("ENCODING", ""),
      define("SCHEMA", "alice"),
      define("EXTENSION", ""),
      define("FUNCTION", "alice"),
      define("TABLE", "alice", { definition: "CREATE TABLE s.t (n int)" }),
      define("VIEW", "bob"),
      define("DOMAIN", "alice", { definition: "CREATE DOMAIN s.d AS int" }),
    ),
  ).toEqual(["define: -: ENCODING, SCHEMA, EXTENSION, FUNCTION, TABLE, VIEW, DOMAIN"]);
});

it("gives an owner what evaluates expressions, and what follows it at once", () => {
  const generated = { definition: "CREATE TABLE s.t (n int GENERATED ALWAYS AS (1) STORED)" };
  expect(
    parts(
      define("SCHEMA", "alice"),
      define("DOMAIN", "alice", { definition: "CREATE DOMAIN s.d AS int CHECK (s.f(VALUE))" }),
      define("TABLE", "alice", { definition: "CREATE TABLE s.p (n int)\nPARTITION BY RANGE (n)" }),
      define("TABLE", "alice"),
      define("SEQUENCE", "alice"),
      define("TABLE", "alice", { tablespace: "fast" }),
      define("FOREIGN TABLE", "bob", generated),
      define("TABLE", "alice"),
      define("TABLE", "postgres", generated),
    ),
  ).toEqual([
    "define: -: SCHEMA",
    "define: alice: DOMAIN, TABLE, TABLE, SEQUENCE",
    "define: -: TABLE",
    "define: bob: FOREIGN TABLE",
    "define: -: TABLE, TABLE",
  ]);
});

it("attaches a partition with the rights on both tables, and never with a superuser's", () => {
  const tables = ["alice", "bob", "postgres"].map((owner) => define("TABLE", owner));
  const attach = (...needs: number[]) => define("TABLE ATTACH", "", { needs });
  const all = [...tables, attach(1, 1), attach(1, 2), attach(1, 3)];
  expect(parts(...all)).toEqual([
    "define: -: TABLE, TABLE, TABLE",
    "define: alice: TABLE ATTACH",
    "define: alice+bob: TABLE ATTACH",
    "define: -: TABLE ATTACH",
  ]);
});

it("loads the rows of each owner at once, and what runs nobody's code as the superuser", () => {
  const rows = ["alice", "bob", "postgres", "alice"].map((owner) =>
    entry("TABLE DATA", "data", owner),
  );
  const others = [entry("SEQUENCE SET", "data", "alice"), entry("BLOBS", "data", "bob")];
  expect(parts(...rows, ...others)).toEqual([
    "load: -: TABLE DATA, SEQUENCE SET, BLOBS",
    "load: alice: TABLE DATA, TABLE DATA",
    "load: bob: TABLE DATA",
  ]);
});

it("finishes tables as their owners, and grants rights before views are refreshed", () => {
  const more = { name: "EVENT TRIGGER e" };
  expect(
    parts(
      finish("INDEX", "alice"),
      finish("CHECK CONSTRAINT", "alice"),
      entry("ACL", "none", "alice"),
      entry("COMMENT", "none", "alice"),
      entry("COMMENT", "none", "", more),
      finish("TRIGGER", "alice"),
      finish("CONSTRAINT", "postgres"),
      finish("PUBLICATION", "alice"),
      finish("POLICY", "bob"),
      finish("DEFAULT ACL", "alice"),
      finish("MATERIALIZED VIEW DATA", "bob"),
      finish("MATERIALIZED VIEW DATA", "postgres"),
      finish("EVENT TRIGGER", "postgres"),
    ),
  ).toEqual([
    "finish: alice: INDEX, CHECK CONSTRAINT, TRIGGER",
    "finish: -: CONSTRAINT, PUBLICATION",
    "finish: bob: POLICY",
    "grant: -: ACL, COMMENT, DEFAULT ACL",
    "refresh: bob: MATERIALIZED VIEW DATA",
    "refresh: -: MATERIALIZED VIEW DATA",
    "last: -: COMMENT, EVENT TRIGGER",
  ]);
});

it("names the tables of others that foreign keys refer to", () => {
  const [own, other] = [
    define("TABLE", "alice", { name: "own" }),
    define("TABLE", "bob", { schema: "b", name: "other" }),
  ];
  const key = finish("FK CONSTRAINT", "alice", { needs: [own.id, other.id] });
  const [, part] = partsOf([own, other, key], () => false);
  expect(part).toEqual({
    ...{ stage: "finish", owners: ["alice"], entries: [key] },
    refersTo: [{ schema: "b", name: "other" }],
    inherits: [],
  });
});

it("lends a table of another owner to one whose table inherits from it", () => {
  const parent = define("TABLE", "bob", { schema: "b", name: "parent" });
  const own = define("TABLE", "alice");
  const inherits = (more: Partial<Entry>) =>
    define("TABLE", "alice", { needs: [parent.id, own.id], ...more });
  const generated = "n int GENERATED ALWAYS AS (1) STORED";
  const child = inherits({
    definition: `CREATE TABLE s.c (${generated})\nINHERITS (b.parent, s.o)`,
  });
  const refers = inherits({ definition: `CREATE TABLE s.c (${generated}, p b.parent)` });
  const inheritsOf = (...entries: Entry[]) => partsOf(entries, () => false).at(-1);
  expect(inheritsOf(parent, own, child)).toMatchObject({
    ...{ stage: "define", owners: ["alice"], entries: [child] },
    inherits: [{ schema: "b", name: "parent" }],
  });
  expect(inheritsOf(parent, own, refers)?.inherits).toEqual([]);
});

it("lends a table of another owner to one whose archive attaches a partition in the same entry", () => {
  const parent = define("TABLE", "postgres", { schema: "b", name: "parent" });
  const child = define("TABLE", "alice", {
    definition:
      "CREATE TABLE s.c (\n    n integer\n)\nPARTITION BY RANGE (((n + 1)));\n" +
      "ALTER TABLE ONLY b.parent ATTACH PARTITION s.c FOR VALUES FROM (10) TO (20);\n",
    needs: [parent.id],
  });
  expect(partsOf([parent, child], (owner) => owner === "postgres").at(-1)).toMatchObject({
    owners: ["alice"],
    inherits: [{ schema: "b", name: "parent" }],
  });
});

it("finishes each owner's tables at once, as far as dependencies allow", () => {
  const keys = ["alice", "bob", "alice", "bob"].map((owner) => finish("CONSTRAINT", owner));
  const [a = 0, b = 0] = keys.map((key) => key.id);
  const rest = [
    finish("INDEX", "alice"),
    finish("INDEX", "bob"),
    finish("FK CONSTRAINT", "alice", { needs: [a] }),
    finish("FK CONSTRAINT", "alice", { needs: [a, b] }),
    finish("FK CONSTRAINT", "bob", { needs: [a, b] }),
  ];
  const view = finish("MATERIALIZED VIEW DATA", "bob");
  const views = [
    view,
    finish("MATERIALIZED VIEW DATA", "alice", { needs: [view.id] }),
    finish("MATERIALIZED VIEW DATA", "bob"),
  ];
  expect(parts(...keys, ...rest, ...views)).toEqual([
    "finish: alice: CONSTRAINT, CONSTRAINT, INDEX, FK CONSTRAINT",
    "finish: bob: CONSTRAINT, CONSTRAINT, INDEX, FK CONSTRAINT",
    "finish: alice: FK CONSTRAINT",
    "refresh: bob: MATERIALIZED VIEW DATA, MATERIALIZED VIEW DATA",
    "refresh: alice: MATERIALIZED VIEW DATA",
  ]);
});

it("keeps the order of entries that need each other", () => {
  const [one, other] = [finish("RULE", "alice"), finish("RULE", "bob")];
  const circle = [
    { ...one, needs: [other.id] },
    { ...other, needs: [one.id] },
    finish("INDEX", "alice"),
  ];
  expect(parts(...circle)).toEqual([
    "finish: alice: RULE",
    "finish: bob: RULE",
    "finish: alice: INDEX",
  ]);
});

it("finishes tables in the run that loads their rows, where nothing else is needed", () => {
  const [own, other] = [define("TABLE", "alice"), define("TABLE", "bob")];
  const rows = ["alice", "bob", "postgres"].map((owner) => entry("TABLE DATA", "data", owner));
  const [key, otherKey] = [own, other].map(({ owner, id }) =>
    finish("CONSTRAINT", owner, { needs: [id] }),
  );
  const refers = (...needs: (Entry | undefined)[]) =>
    finish("FK CONSTRAINT", "alice", { needs: needs.map((needed) => needed?.id ?? 0) });
  const late = refers(own, other, key, otherKey);
  const rest = [
    finish("INDEX", "alice", { needs: [own.id] }),
    finish("INDEX", "carol"),
    finish("INDEX", "postgres"),
    refers(own, own, key),
    late,
    finish("TRIGGER", "alice", { needs: [own.id, late.id] }),
    finish("POLICY", "alice", { needs: [own.id] }),
    finish("CHECK CONSTRAINT", "alice", { needs: [own.id] }),
  ];
  expect(parts(own, other, ...rows, key!, otherKey!, ...rest)).toEqual([
    "define: -: TABLE, TABLE",
    "load: -: TABLE DATA, INDEX",
    "load: alice: TABLE DATA, CONSTRAINT, INDEX, FK CONSTRAINT",
    "load: bob: TABLE DATA, CONSTRAINT",
    "finish: carol: INDEX",
    "finish: alice: FK CONSTRAINT, POLICY, CHECK CONSTRAINT, TRIGGER",
  ]);
});

it("makes a trigger with the rights of the owners of all partitions, of which each gets one", () => {
  const [top, middle, leaf, other] = ["alice", "bob", "carol", "dave"].map((owner) =>
    define("TABLE", owner),
  ) as [Entry, Entry, Entry, Entry];
  const attach = (parent: Entry, child: Entry) =>
    define("TABLE ATTACH", "", { name: child.name, needs: [child.id, parent.id] });
  const trigger = (table: Entry) => finish("TRIGGER", table.owner, { needs: [table.id] });
  const made = [top, middle, leaf, other, attach(top, middle), attach(middle, leaf)];
  const rows = entry("TABLE DATA", "data", "alice", { needs: [top.id] });
  const own = parts(...made, rows, trigger(top), trigger(leaf), trigger(other));
  expect(own.filter((part) => part.startsWith("finish"))).toEqual([
    "finish: alice+bob+carol: TRIGGER",
    "finish: carol: TRIGGER",
    "finish: dave: TRIGGER",
  ]);
});
