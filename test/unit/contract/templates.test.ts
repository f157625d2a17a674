import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Those that read the property itself, to carry it and to say that it is set. */
const carriers = [
  "scripts/agent/dump/databaseCatalog.ts",
  "scripts/agent/dump/databaseProperties.ts",
  "scripts/agent/restore/restoredNotes.ts",
];

// The owner of a database may set IS_TEMPLATE. A list of databases that leaves templates out would lose it.
test("no list of databases leaves out those that an owner has made templates", () => {
  const files = ["contract", "images", "scripts"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(ts|sql|sh)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  expect(files.length).toBeGreaterThan(100);
  expect(
    files.filter((file) => readFileSync(file, "utf8").includes("datistemplate")).sort(),
  ).toEqual(carriers);
});
