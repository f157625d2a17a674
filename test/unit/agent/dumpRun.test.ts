import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "../../../scripts/agent/kit/context";
import * as database from "../../../scripts/agent/dump/database";
import * as retention from "../../../scripts/agent/dump/retention";
import * as records from "../../../scripts/agent/kit/records";
import { dumpRun } from "../../../scripts/agent/dump/run";
import { knownDatabases } from "../../../scripts/agent/dump/wanted";
import type { JobRecord } from "../../../contract/jobRecord";

jest.mock("../../../scripts/agent/dump/database");
jest.mock("../../../scripts/agent/dump/retention");
jest.mock("../../../scripts/agent/kit/records");

const folder = mkdtempSync(join(tmpdir(), "lbt-run-"));
const paths = { records: folder };
afterAll(() => rmSync(folder, { recursive: true }));

const context = (timeoutSeconds: number, databaseTimeoutSeconds: number) =>
  ({
    ...{ paths, log: () => undefined },
    config: { dumps: { databases: "*", timeoutSeconds, databaseTimeoutSeconds } },
  }) as unknown as Context;

const made = (signal: AbortSignal, busy: boolean) =>
  busy
    ? new Promise<never>((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason as Error)),
      )
    : Promise.resolve({
        id: "quiet/1",
        manifest: { tables: [], files: [], source: { server: "primary" }, leftOut: [] },
      });

beforeEach(() => {
  jest.mocked(retention.retain).mockResolvedValue({ removed: [] });
  jest.mocked(records.writeRecord).mockResolvedValue();
  jest
    .mocked(database.dumpDatabase)
    .mockImplementation((_context, job) => made(job.signal, job.database === "busy") as never);
});

const run = (limits: Context) =>
  dumpRun(
    { trigger: "operator", databases: ["busy", "quiet"], acceptSmaller: false },
    limits,
    () => undefined,
    new AbortController().signal,
  ) as Promise<JobRecord>;

it("gives a database that takes too long up, by name and key, and dumps the next one", async () => {
  const record = await run(context(60, 0.2));
  expect([record.result, record.partial]).toEqual(["failed", true]);
  expect(record.detail).toBe(
    '1 of 2 databases failed; "busy": It was ended after 0.2 s, the limit that laterbase:dumps.databaseTimeout sets.',
  );
  expect(record.databases?.map(({ database, result }) => [database, result])).toEqual([
    ["busy", "failed"],
    ["quiet", "success"],
  ]);
});

it("ends the whole run after its own limit", async () => {
  const record = await run(context(0.2, 0.4));
  expect(record.databases?.map(({ result }) => result)).toEqual(["failed", "failed"]);
  expect(record.detail).toContain("laterbase:dumps.timeout");
});

it("begins with the databases that the limit of the last run left no time for", async () => {
  const result = (database: string, seconds: number) =>
    ({ database, seconds, result: "failed", detail: "It was ended." }) as const;
  const last = { databases: [result("a", 1200), result("b", 600), result("c", 0), result("d", 0)] };
  jest.mocked(records.readRecord).mockResolvedValueOnce(last as JobRecord);
  const own = { records: mkdtempSync(join(folder, "order-")) };
  const limits = { ...context(60, 60), paths: own } as Context;
  limits.config.dumps.databases = ["a", "b", "c", "d", "e"];
  const { signal } = new AbortController();
  const all = { trigger: "schedule", acceptSmaller: false };
  const record = (await dumpRun(all, limits, () => undefined, signal)) as JobRecord;
  expect(record.databases?.map(({ database: name }) => name)).toEqual(["c", "d", "a", "b", "e"]);
});

it("says in the result why retention kept what the clock calls too old", async () => {
  jest.mocked(retention.retain).mockResolvedValue({ removed: [], held: "8 dumps stay." });
  const record = await run(context(60, 0.2));
  expect(record.databases?.[1]?.detail).toBe("0 bytes, 0 tables, from the primary. 8 dumps stay.");
});

it("notes which databases it dumped, for the monitor", async () => {
  await run(context(60, 0.2));
  // No run of all has said yet which there are.
  expect(await knownDatabases({ paths } as Context)).toEqual({ made: ["quiet"] });
});
