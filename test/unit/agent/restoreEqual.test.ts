import type { Client } from "pg";
import type { Manifest, SequenceValue, TableContent } from "../../../contract/manifest";
import type { CatalogTable } from "../../../scripts/agent/dump/contents";
import { databaseCatalog, settingCatalog } from "../../../scripts/agent/dump/databaseCatalog";
import { viewContent } from "../../../scripts/agent/dump/materializedViews";
import { dumpedSequences } from "../../../scripts/agent/dump/sequences";
import * as toc from "../../../scripts/agent/dump/toc";
import type { Found } from "../../../scripts/agent/restore/compare";
import { compareSequences, sequencesAhead } from "../../../scripts/agent/restore/compareSequences";
import { compareViews, viewNotes } from "../../../scripts/agent/restore/compareViews";
import { restoredNotes } from "../../../scripts/agent/restore/restoredNotes";
import { settingsForValues } from "../../../scripts/agent/restore/settingsForValues";
import { wholeManifest } from "../../support/unit/wholeManifest";

jest.mock("../../../scripts/agent/dump/toc");

const nothing = (): Found => ({
  ...{ tables: 0, rows: 0, largeObjects: 0, sequences: 0, differences: [], unexplained: [] },
  views: { compared: 0, other: [], notCompared: [] },
});

/** A session that answers each query with the rows of the first pattern that fits. */
function session(...answers: [pattern: RegExp, rows: object[]][]) {
  const asked: string[] = [];
  const query = (text: string) => {
    asked.push(text.replace(/\s+/g, " "));
    const found = answers.find(([pattern]) => pattern.test(text));
    if (!found) return Promise.reject(new Error(`no answer to ${text}`));
    return Promise.resolve({ rows: found[1] });
  };
  return { client: { query } as unknown as Client, asked };
}

it("says of each column what carries it, and a manifest has all that is carried", () => {
  for (const fate of Object.values(databaseCatalog)) {
    if ("carriedAs" in fate) expect(wholeManifest.database).toHaveProperty(fate.carriedAs);
    else expect(fate.leftOut).not.toBe("");
  }
  for (const fate of Object.values(settingCatalog)) {
    if ("carriedAs" in fate)
      expect(wholeManifest.database.settings[0]).toHaveProperty(fate.carriedAs);
  }
});

describe("the sequences of an archive", () => {
  const entries = (...own: [schema: string, name: string, definition: string][]) =>
    jest.mocked(toc.readToc).mockReturnValue(
      own.map(([schema, name, definition], id) => ({
        ...{ id, kind: "SEQUENCE SET", section: "data" as const, schema, name, owner: "o" },
        ...{ tablespace: "", accessMethod: "", copy: "", definition, needs: [] },
      })),
    );
  it("are what pg_dump wrote down, whatever their names hold", () => {
    entries(
      ["s", "q, 7, true);", `SELECT pg_catalog.setval('"s"."q, 7, true);"', -41, true);\n`],
      ["a", "fresh", `SELECT pg_catalog.setval('"a"."fresh"', 9000000000, false);\n\n\n`],
    );
    expect(dumpedSequences("x", [{ schema: "a", name: "fresh" }])).toEqual([
      { schema: "a", name: "fresh", value: "9000000000", called: false },
      { schema: "s", name: "q, 7, true);", value: "-41", called: true },
    ]);
  });

  it("are refused when one of the server is missing, or a value cannot be read", () => {
    entries();
    expect(() => dumpedSequences("x", [{ schema: "s", name: "q" }])).toThrow(
      "The dump lacks the value of the sequence s.q, which the server has.",
    );
    entries(["s", "q", "SELECT 1;"]);
    expect(() => dumpedSequences("x", [])).toThrow(
      "The dump has no readable value of the sequence s.q.",
    );
  });
});

describe("restored sequences", () => {
  const value = (name: string, of: string, called = true): SequenceValue => ({
    ...{ schema: "s", name, value: of, called },
  });
  const there = ["same", "other", "fresh", "begun"].map((name) => ({ schema: "s", name }));

  it("are compared by their value, and by whether it was given", async () => {
    const { client, asked } = session(
      [/pg_class/, there],
      [
        /last_value/,
        [
          { name: "s.same", value: "5", called: true },
          { name: "s.other", value: "6", called: true },
          { name: "s.fresh", value: "1", called: false },
          { name: "s.begun", value: "1", called: true },
        ],
      ],
    );
    const found = nothing();
    const sequences = [
      ...[value("same", "5"), value("other", "5"), value("fresh", "1", false)],
      ...[value("begun", "1", false), value("gone", "1")],
    ];
    const manifest = { ...wholeManifest, sequences };
    await compareSequences(client, { manifest, excused: new Set(["s.excused"]) }, found);
    expect(found.unexplained).toEqual(found.differences);
    expect(found.sequences).toBe(5);
    expect(found.differences).toEqual([
      "the sequence s.other has given 6 instead of has given 5",
      "the sequence s.begun has given 1 instead of begins with 1",
      "the sequence s.gone is missing",
    ]);
    expect(asked[1]).toContain(`FROM "s"."same" UNION ALL SELECT 's.other' AS name`);
  });

  it("are nothing to compare in the manifest of an older version", async () => {
    const found = nothing();
    const manifest = { ...wholeManifest };
    delete manifest.sequences;
    const { client } = session([/pg_class/, there]);
    await compareSequences(client, { manifest, excused: new Set() }, found);
    expect(found).toEqual(nothing());
  });

  it("of a standby may be ahead, and the result says so", () => {
    const of = (server: "primary" | "standby", ...sequences: SequenceValue[]) =>
      sequencesAhead({ ...wholeManifest, source: { ...wholeManifest.source, server }, sequences });
    const ahead =
      "The dump is of a standby, which knows each value of a sequence up to 32 values ahead, and more with CACHE: ";
    expect(of("standby", value("a", "1"), value("b", "1"), value("c", "1", false))).toEqual([
      `${ahead}2 sequences may leave out numbers.`,
    ]);
    expect(of("standby", value("a", "1"))).toEqual([`${ahead}1 sequence may leave out numbers.`]);
    expect(of("standby", value("a", "1", false))).toEqual([]);
    expect(of("primary", value("a", "1"))).toEqual([]);
  });
});

describe("materialized views", () => {
  const view = (name: string, builtInOnly = true) =>
    ({ schema: "s", name, builtInOnly, encoding: "UTF8", columns: [] }) as unknown as CatalogTable;
  const content = (name: string, rows: number, checksum: string | null): TableContent => ({
    ...{ schema: "s", name, rows, checksum, algorithm: "record" },
  });

  it("have no checksum in a dump where the server would run what a user made", async () => {
    const { client, asked } = session([/./, [{ rows: "3", checksum: "7" }]]);
    expect(await viewContent(client, view("v"), 17)).toEqual(content("v", 3, "7"));
    expect(asked).toHaveLength(1);
    expect(await viewContent(client, view("own", false), 17)).toEqual(content("own", 0, null));
    expect(asked).toHaveLength(1);
  });

  it("are compared, and other rows are a note, because a restore makes them anew", async () => {
    const { client } = session([/./, [{ rows: "3", checksum: "7" }]]);
    const found = nothing();
    const views = ["same", "more", "other", "own", "unknown"].map((name) => view(name));
    const materializedViews = [
      ...[content("same", 3, "7"), content("more", 2, "7"), content("other", 3, "8")],
      content("own", 0, null),
    ];
    await compareViews(client, views, { materializedViews }, found);
    expect(found.differences).toEqual([]);
    expect(found.views).toEqual({
      ...{
        compared: 3,
        other: ["s.more (3 rows instead of 2)", "s.other"],
        notCompared: ["s.own"],
      },
    });
    expect(viewNotes(found)).toEqual([
      "A restore runs the queries of materialized views again. These have other rows than when they were dumped: s.more (3 rows instead of 2), s.other. Their tables had changed since the last refresh, or their queries depend on the time, on settings of a session or on other servers.",
      "These materialized views were not compared, because a sum of their rows could run code of their owners, or a row is too large for it: s.own.",
    ]);
    expect(viewNotes(nothing())).toEqual([]);
  });
});

describe("the settings on which values depend", () => {
  const refusing = (name: string) =>
    ({
      query: (_: string, [setting]: string[]) =>
        setting === name
          ? Promise.reject(Object.assign(new Error("invalid value"), { code: "22023" }))
          : Promise.resolve({ rows: [] }),
    }) as unknown as Client;
  const dumped = {
    ...wholeManifest.database,
    settings: [
      { role: null, name: "timezone", value: "Asia/Tokyo" },
      { role: "x", name: "lc_monetary", value: "C" },
    ],
    valueSettings: { lc_monetary: "de_DE.utf8", TimeZone: "Asia/Tokyo", DateStyle: "ISO, DMY" },
  };

  it("are those of the dumped server, unless the database has its own", async () => {
    const { values, always, refused } = await settingsForValues(refusing(""), dumped);
    expect(values).toEqual({ lc_monetary: "de_DE.utf8", DateStyle: "ISO, DMY" });
    // Left to the database, where our sessions would state a value otherwise.
    expect(Object.keys(values)).toEqual(expect.arrayContaining(["TimeZone", "bytea_output"]));
    expect(always).toEqual({ lc_monetary: "de_DE.utf8" });
    expect(refused).toEqual([]);
  });

  it("are left to the server that refuses one, and the result says so", async () => {
    const { values, always, refused } = await settingsForValues(refusing("lc_monetary"), dumped);
    expect(values["lc_monetary"]).toBeUndefined();
    expect(always).toEqual({});
    expect(refused).toEqual([
      'The dump was made under lc_monetary "de_DE.utf8", which this server refuses: invalid value.',
    ]);
  });
});

it("notes that a template must not be dropped at once, and that text is sorted by another version", async () => {
  const { client } = session([/datcollversion/, [{ version: "2.41" }]]);
  const manifest = (database: Partial<Manifest["database"]>): Manifest => ({
    ...wholeManifest,
    sequences: [],
    database: {
      ...wholeManifest.database,
      isTemplate: false,
      collationVersion: "2.41",
      ...database,
    },
  });
  const notes = (database: Partial<Manifest["database"]>) =>
    restoredNotes(client, { database: "fresh", final: 'a"b', manifest: manifest(database) });
  expect(await notes({})).toEqual([]);
  expect(await notes({ isTemplate: true, collationVersion: "2.36" })).toEqual([
    'The database is a template, as the dumped one is: ALTER DATABASE "a""b" IS_TEMPLATE false must come before DROP DATABASE.',
    "Text was sorted by version 2.36 of its library, and is sorted by version 2.41 now: the order of rows may be another one. The indexes were built anew.",
  ]);
});
