import { ownersQuery, ownersTaken } from "../../../scripts/steps/look/owners";

// What this does not prove: what a server answers (test/integration/applications.test.ts does).
const owners = [
  { role: "jarvis", database: "50% %1$s", key: "laterbase:applications.jarvis" },
  { role: "shop", database: "shop", key: "laterbase:primary.databases" },
];

it("refuses a role and a database of others, each in one sentence", () => {
  const seen = [
    { taken: false, owner: "tom\u0007" },
    { taken: true, owner: null },
  ];
  expect(ownersTaken(owners, seen)).toEqual([
    'Database "50% %1$s" (laterbase:applications.jarvis) belongs to role "tom\\x07", which Laterbase did not make: ' +
      'nothing was changed. ALTER DATABASE "50% %1$s" OWNER TO postgres lets "jarvis" own it; what "tom\\x07" has in ' +
      'it stays with "tom\\x07"',
    'Role "shop" (laterbase:primary.databases) is on the primary already and was not made by Laterbase: drop or ' +
      'rename it, or name an application for the database, such as laterbase:applications: { app: { database: "shop" } }',
  ]);
});

it("refuses nothing where both are free", () => {
  const free = { taken: false, owner: null };
  expect(ownersTaken(owners, [free, free])).toEqual([]);
});

it("has no name in the statement", () => {
  const text = ownersQuery("laterbase/dev", [{ ...owners[0]!, role: "x'; DROP ROLE y; --" }]);
  expect(text).not.toContain("DROP");
  expect(text).toMatch(/decode\('[0-9a-f]+', 'hex'\)/);
});
