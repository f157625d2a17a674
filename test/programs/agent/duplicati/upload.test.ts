import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bodyOf } from "../../../../scripts/agent/duplicati/jobSpec";
import { upload } from "../../../../scripts/agent/duplicati/upload";
import { withoutQueries } from "../../../../scripts/agent/duplicati/run";
import type { Context } from "../../../../scripts/agent/kit/context";
import { addJob } from "../../../../scripts/standins/duplicati/jobs";
import { never, StandIn } from "../../../support/unit/duplicatiServer";

// The agent's side of an upload, against our stand-in in this process.
let standIn: StandIn;
beforeEach(async () => {
  standIn = await new StandIn().start();
});
afterEach(() => standIn.dispose());

function makeJob(changes: { target?: string; source?: string } = {}): void {
  const body = bodyOf({
    name: "laterbase test",
    target: changes.target ?? `file://${standIn.archive}`,
    passphrase: "Tr0ub4dor",
    retention: "U:1s",
  }) as { Backup: { Sources: string[] } };
  body.Backup.Sources = [changes.source ?? `${standIn.backups}/`];
  addJob(standIn.store, body);
}

const record = (context: Context, suffix = "") =>
  JSON.parse(readFileSync(join(context.paths.records, `upload${suffix}.json`), "utf8"));
const run = (context: Context, args = {}, signal = never, said: string[] = []) =>
  upload(args, context, (progress) => said.push(progress), signal).then((result) => ({
    result,
    said,
  }));

async function until(ask: () => boolean): Promise<void> {
  // Without an end, a test that fails here would keep the process.
  for (const end = Date.now() + 30_000; !ask();) {
    if (Date.now() > end) throw new Error("nothing happened for half a minute");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe("an upload", () => {
  it("is recorded with its figures, and again when nothing was new", async () => {
    makeJob();
    standIn.dump("x/20261121T030000Z", "x".repeat(1000));
    const context = standIn.context();
    const { result } = await run(context, { trigger: "schedule" });
    expect(result).toMatchObject({ files: 2, newFiles: 2 });
    const [archive] = readdirSync(standIn.archive);
    expect(record(context)).toMatchObject({
      job: "upload",
      trigger: "schedule",
      result: "success",
      detail: expect.stringMatching(/^2 new of 2 files were uploaded, \S+ (bytes|kB) in \S+ s\.$/),
      upload: {
        files: 2,
        newFiles: 2,
        bytes: readFileSync(join(standIn.archive, archive!)).length,
      },
    });
    const second = await run(context);
    expect(second.result).toMatchObject({ newFiles: 0, bytes: 0 });
    expect(record(context, ".success")).toMatchObject({
      trigger: "operator",
      detail: "Nothing was new: all 2 files are in the archives.",
    });
    expect(readdirSync(standIn.archive)).toEqual([archive]);
  });

  it("is skipped while there is no finished dump", async () => {
    makeJob();
    standIn.write(".partial/x/half", "half");
    const context = standIn.context();
    const { result } = await run(context);
    expect(result).toMatchObject({ detail: "There is no finished dump to upload yet." });
    expect(existsSync(join(context.paths.records, "upload.json"))).toBe(false);
    expect(existsSync(standIn.archive)).toBe(false);
  });

  it("at the agent's start waits for Duplicati, and for `up` to make the job", async () => {
    await standIn.stop();
    standIn.dump("x/20261121T030000Z");
    const said: string[] = [];
    const running = run(standIn.context(), { trigger: "start" }, never, said);
    await until(() => said.length === 1);
    await standIn.start();
    await until(() => said.length === 2);
    makeJob();
    const { result } = await running;
    expect(result).toMatchObject({ newFiles: 2 });
    expect(said.slice(0, 2)).toEqual([
      "waiting for Duplicati to answer",
      "waiting for `pulumi up` to make the job in Duplicati",
    ]);
  });

  it("that two callers ask for runs once, and both get its result", async () => {
    makeJob();
    standIn.dump("x/20261121T030000Z");
    standIn.tasks.pause(true);
    const context = standIn.context();
    const both = [run(context)];
    await until(() => standIn.tasks.queue().length === 1);
    const told: string[] = [];
    both.push(run(context, {}, never, told));
    await until(() => told.length === 1);
    standIn.tasks.pause(false);
    const [first, second] = await Promise.all(both);
    expect(first!.result).toMatchObject({ newFiles: 2 });
    expect(second!.result).toMatchObject({ newFiles: 2 });
    expect(told[0]).toBe("an upload is under way already: waiting for its end");
    expect(readdirSync(standIn.archive)).toHaveLength(1);
    const log = readFileSync(join(context.paths.records, "upload.log.jsonl"), "utf8");
    expect(log.trim().split("\n")).toHaveLength(2);
  });
});

describe("an upload that fails", () => {
  const fails = async (words: string | RegExp, changes = {}, signal = never) => {
    const context = standIn.context(changes);
    standIn.dump("x/20261121T030000Z");
    await expect(run(context, {}, signal)).rejects.toThrow(words);
    const { result, detail } = record(context);
    expect(result).toBe("failed");
    if (typeof words === "string") expect(detail).toBe(words);
    else expect(detail).toMatch(words);
    expect(existsSync(join(context.paths.records, "upload.success.json"))).toBe(false);
  };

  it("because the job is gone", () =>
    fails(
      "Duplicati has no job \"laterbase test\": `npm run pulumi -- up --replace '**duplicati-job'` makes it.",
    ));

  it("because the target cannot be used", async () => {
    makeJob({ target: "s3://bucket/x?aws-secret-access-key=hush" });
    await fails(
      "The upload failed in Duplicati: This stand-in for Duplicati stores to file:// targets only, not to s3://; the real image duplicati/duplicati does.",
    );
  });

  it("because the passphrase was changed for archives that are there", async () => {
    makeJob();
    standIn.dump("x/20261121T020000Z");
    await run(standIn.context());
    rmSync(standIn.context().paths.records, { recursive: true });
    standIn.store.content.jobs[0]!.Settings.find(({ Name }) => Name === "passphrase")!.Value = "b";
    await fails(
      "The upload failed in Duplicati: The passphrase cannot be changed for an existing backup.",
    );
  });

  it("because it took too long: Duplicati has to stop, and the reason is given", async () => {
    makeJob();
    standIn.tasks.pause(true);
    await fails(
      "The upload did not begin within 0 s and was told to stop, because Duplicati is paused: resume it there.",
      { timeoutSeconds: 0 },
    );
    expect(standIn.tasks.queue()).toEqual([]);
  });

  it("because Duplicati is down", async () => {
    const { url } = standIn;
    await standIn.stop();
    await fails(new RegExp(`^Duplicati at ${url} cannot be reached: connect ECONNREFUSED`));
  });

  it("because Duplicati was restarted meanwhile", async () => {
    makeJob();
    standIn.tasks.pause(true);
    const failed = fails(/^Duplicati was restarted during the upload/);
    await until(() => standIn.tasks.queue().length === 1);
    await standIn.stop();
    await standIn.start();
    await failed;
  });

  it("because the agent stopped waiting", async () => {
    makeJob();
    standIn.tasks.pause(true);
    const stop = new AbortController();
    const failed = fails(
      "The agent stopped waiting for the upload. Duplicati itself goes on with it.",
      {},
      stop.signal,
    );
    await until(() => standIn.tasks.queue().length === 1);
    stop.abort();
    await failed;
    expect(standIn.tasks.queue()).toHaveLength(1);
  });

  it("because a file could not be read, which is only a warning to Duplicati", async () => {
    makeJob();
    standIn.dump("x/20261121T030000Z");
    const addRow = standIn.store.addRow.bind(standIn.store);
    jest.spyOn(standIn.store, "addRow").mockImplementation((job, row) => {
      const Message = JSON.stringify({
        ...JSON.parse(row.Message),
        ParsedResult: "Warning",
        Warnings: [
          "2026-11-21 03:00:01 +00 - [Warning-Duplicati.Library-X-PathProcessingFailed]: Failed to process path: /backups/x\nat line 5",
        ],
      });
      addRow(job, { ...row, Message });
    });
    await fails("Duplicati ended the upload with a warning: Failed to process path: /backups/x.");
  });

  it("without any laterbase:duplicati is refused", async () => {
    const context = standIn.context();
    delete context.config.upload;
    standIn.dump("x/20261121T030000Z");
    await expect(run(context)).rejects.toThrow(
      "This stack uploads nothing, because laterbase:duplicati is not set.",
    );
  });
});

it("repeats no key of a target", () => {
  expect(
    withoutQueries("No route to s3://bucket/x?aws-secret-access-key=hush&y=1 (host)\nat"),
  ).toBe("No route to s3://bucket/x (host).");
});
