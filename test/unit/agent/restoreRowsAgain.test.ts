import { partsOf } from "../../../scripts/agent/restore/parts";
import type { Entry } from "../../../scripts/agent/dump/toc";

let id = 0;
const entry = (kind: string, section: Entry["section"], more: Partial<Entry> = {}): Entry => ({
  ...{ id: ++id, kind, section, owner: "alice", schema: "s", name: `n${id}` },
  ...{ tablespace: "", accessMethod: "", definition: "", copy: "", needs: [] },
  ...more,
});
const define = (kind: string, more: Partial<Entry> = {}) => entry(kind, "pre-data", more);
const finish = (kind: string, more: Partial<Entry> = {}) => entry(kind, "post-data", more);

it("makes triggers and foreign keys after rows that may have to be tried again", () => {
  const [called, domain] = [define("FUNCTION"), define("DOMAIN")];
  const table = (definition: string, ...needs: number[]) => define("TABLE", { definition, needs });
  const plain = table("CREATE TABLE s.a (n int DEFAULT s.f())", called.id);
  const checked = table("CREATE TABLE s.b (n int, CHECK (s.f(n)))", called.id);
  const builtIn = table("CREATE TABLE s.c (n int, CHECK (n > 0))");
  const typed = table("CREATE TABLE s.d (n s.d)", domain.id);
  const parent = table("CREATE TABLE s.p (n int) PARTITION BY RANGE (n)");
  const tables = [plain, checked, builtIn, typed, parent];
  const attach = define("TABLE ATTACH", {
    owner: "",
    name: typed.name,
    needs: [typed.id, parent.id],
  });
  const rows = entry("TABLE DATA", "data", { needs: [plain.id] });
  const on = (kind: string, ...named: Entry[]) =>
    finish(kind, { needs: named.map(({ id: needed }) => needed) });
  const later = [
    on("FK CONSTRAINT", checked, plain),
    on("FK CONSTRAINT", plain, checked),
    on("TRIGGER", checked),
    on("TRIGGER", parent),
  ];
  const soon = [on("FK CONSTRAINT", plain, builtIn), on("TRIGGER", plain), on("INDEX", checked)];
  const all = [called, domain, ...tables, attach, rows, ...later, ...soon];
  const idsOf = (stage: string) =>
    partsOf(all, () => false)
      .filter((part) => part.stage === stage)
      .flatMap((part) => part.entries.map((one) => one.id));
  expect(idsOf("load")).toEqual([rows, ...soon].map((one) => one.id));
  expect(idsOf("finish")).toEqual(later.map((one) => one.id));
});
