import { readFileSync } from "node:fs";

// Does not prove that a row is true, only that no key is missing and none is invented.
interface Schema {
  properties?: Record<string, Schema>;
  items?: Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
}

function keysOf(schema: Schema, path: string): string[] {
  const choices = schema.oneOf ?? [];
  if (choices.length > 0) return choices.flatMap((choice) => keysOf(choice, path));
  if (schema.items?.properties) return keysOf(schema.items, `${path}[]`);
  if (!schema.properties) return [path];
  return Object.entries(schema.properties).flatMap(([key, value]) =>
    keysOf(value, path ? `${path}.${key}` : key),
  );
}

describe("the README's configuration table", () => {
  it("has every key of the schema, and no other", () => {
    const schema = JSON.parse(readFileSync("docs/stack.schema.json", "utf8")) as Schema;
    const config = schema.properties?.config ?? {};
    const known = keysOf(config, "").map((key) => key.replace(/^laterbase:/, ""));
    const section = readFileSync("README.md", "utf8").split("\n## Configuration\n")[1] ?? "";
    const rows = (section.split("\n## ")[0] ?? "").matchAll(/^\| `([^`]+)` +\|/gm);
    const documented = [...rows].map((row) => row[1]);
    expect(new Set(documented)).toEqual(new Set(known));
  });
});
