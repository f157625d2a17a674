import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "../../../../../scripts/agent/kit/context";
import {
  isPauseNoted,
  resumeNow,
  resumeReplay,
} from "../../../../../scripts/agent/pgBackRest/drill/pause";

const asked: string[] = [];
jest.mock("../../../../../scripts/agent/pgBackRest/drill/sessions", () => ({
  withSuperuser: (_context: unknown, _where: unknown, work: (client: object) => unknown) =>
    Promise.resolve(work({ query: (text: string) => asked.push(text) })),
}));

let context: Context;
beforeEach(async () => {
  asked.splice(0);
  context = { paths: { records: await mkdtemp(join(tmpdir(), "pause-")) } } as Context;
});
afterEach(() => rm(context.paths.records, { recursive: true }));

const resumed = [expect.stringContaining("pg_wal_replay_resume()")];

it("resumes what a note says, and removes the note", async () => {
  await resumeReplay(context);
  expect(asked).toEqual([]);
  await writeFile(join(context.paths.records, "drill-paused"), "");
  await resumeReplay(context);
  expect([asked, await isPauseNoted(context)]).toEqual([resumed, false]);
});

it("resumes what it has paused also where the note is gone", async () => {
  await resumeNow(context);
  expect(asked).toEqual(resumed);
});
