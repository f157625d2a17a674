import { parse } from "yaml";
import { parseConfig } from "../../../components";
import { exampleOf, reference } from "../../../scripts/npm/reference";
import { documentedSchema, editorSchema } from "../../../scripts/npm/stackSchema";
import { documentedKeys } from "../../support/documentedKeys";

// Does not prove that a sentence is true, only that none is missing.
const keys = documentedKeys();

describe("the reference of the configuration", () => {
  it("lists every key", () => {
    const text = reference();
    expect(keys.length).toBeGreaterThan(70);
    expect(keys.filter(({ path }) => !text.includes(`**\`${path}\`**`))).toEqual([]);
  });

  it("says of every key what it is, what a change does, and an example", () => {
    const lacking = keys.filter(
      ({ schema: { description, change, example, secret } }) =>
        !description || !change || (example === undefined && !secret),
    );
    expect(lacking.map(({ path }) => path)).toEqual([]);
  });

  it("says of every optional key what applies without it", () => {
    expect(reference()).not.toContain("; optional");
  });

  it.each(["managed", "external"])("has examples that are accepted, primary %s", (kind) => {
    const { primary, dumps, ...others } = documentedSchema().properties ?? {};
    const kinds = primary?.oneOf ?? [];
    const example = exampleOf({
      properties: {
        ...others,
        dumps: dumps!,
        primary: kinds.find(({ properties }) => properties?.["kind"]?.const === kind)!,
      },
    }) as Record<string, Record<string, unknown>>;
    // As Pulumi hands them over, and as the rules between keys want the whole.
    const text = JSON.stringify(example).replaceAll(
      '{"secure":"AAABAMPL…"}',
      '"https://example.com/archive"',
    );
    const config = parse(text) as typeof example;
    config["dumps"]!["path"] = "/srv/backups";
    config["pooler"]!["databases"] = {};
    config["bindAddress"] = "192.168.1.10" as never;
    // Of a managed primary only.
    if (kind === "external") for (const key of ["backups", "applications"]) delete config[key];
    if (kind === "external") config["health"]!["pings"] = {};
    expect(parseConfig(config, "an example")).toHaveProperty("primary.kind", kind);
  });
});

describe("the schema for editors", () => {
  it("has no keyword of ours", () => {
    expect(JSON.stringify(editorSchema())).not.toMatch(/"(values|unset|change|example)":/);
  });
});
