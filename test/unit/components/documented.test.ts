import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript/lib/typescript";

/** Every interface that components export, with its fields and whether each has a comment. */
function interfaces() {
  const files = readdirSync("components", { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => interfacesOf(file, readFileSync(join("components", file), "utf8")));
}

function interfacesOf(file: string, text: string) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const documented = (node: ts.Node) => ts.getJSDocCommentsAndTags(node).length > 0;
  return source.statements
    .filter(ts.isInterfaceDeclaration)
    .filter(({ name, modifiers }) => {
      const exported = modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
      return exported || name.text.endsWith("Args");
    })
    .map((one) => ({
      name: one.name.text,
      documented: documented(one),
      fields: one.members.map((field) => ({
        name: `${file}: ${one.name.text}.${field.name?.getText(source)}`,
        documented: documented(field),
      })),
    }));
}

it("every field of an exported interface says what it is", () => {
  const fields = interfaces().flatMap((one) => one.fields);
  expect(fields.length).toBeGreaterThan(150);
  expect(fields.filter((field) => !field.documented).map(({ name }) => name)).toEqual([]);
});

it("every exported interface says what it is, except the arguments of a component", () => {
  const silent = interfaces().filter(({ name, documented }) => !documented && !/Args$/.test(name));
  expect(silent.map(({ name }) => name)).toEqual([]);
});

it("sees a field without a comment", () => {
  const text = "export interface XArgs {\n  /** Said. */\n  a: string;\n  // No.\n  b: string;\n}";
  expect(interfacesOf("x.ts", text)[0]!.fields).toEqual([
    { name: "x.ts: XArgs.a", documented: true },
    { name: "x.ts: XArgs.b", documented: false },
  ]);
});
