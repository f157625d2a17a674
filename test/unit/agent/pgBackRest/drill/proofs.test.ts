import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "../../../../../scripts/agent/kit/context";
import { Failure } from "../../../../../scripts/agent/kit/failure";
import { processesOf } from "../../../../../scripts/agent/pgBackRest/drill/cleanUp";
import { isPauseNoted } from "../../../../../scripts/agent/pgBackRest/drill/pause";
import { Proofs } from "../../../../../scripts/agent/pgBackRest/drill/proofs";

const logged: string[] = [];
const context = { log: (line: string) => logged.push(line) } as unknown as Context;
const ended = (proofs: Proofs) =>
  Object.values(proofs.all).map(({ result, detail }) => [result, detail]);

let folder: string;
beforeEach(async () => {
  logged.splice(0);
  folder = await mkdtemp(join(tmpdir(), "drill-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("proofs", () => {
  const never = new AbortController().signal;
  const good = (detail: string) => () =>
    Promise.resolve({ evidence: { problems: [], detail }, result: detail });

  it("say which one is under way, and end in their order", async () => {
    const said: string[] = [];
    const proofs = new Proofs(context, (line) => said.push(line), never);
    await proofs.run(async () => {
      const result = await proofs.prove("restore", (say) => {
        say("10 %");
        return good("A.")();
      });
      expect(result).toBe("A.");
      await proofs.prove("replay", good("B."));
      // What it found is wrong, and the next one can still be tried.
      await proofs.prove("rows", () =>
        Promise.resolve({ evidence: { problems: ["C.", "D."], detail: "" }, result: 0 }),
      );
      await proofs.prove("pages", (say) => {
        say("checking");
        return Promise.resolve({
          evidence: { problems: [], detail: "E.", unproven: true },
          result: 0,
        });
      });
    });
    expect(said).toEqual(["proof 1 of 4: 10 %", "proof 4 of 4: checking"]);
    expect(ended(proofs)).toEqual([
      ...[
        ["proven", "A."],
        ["proven", "B."],
        ["failed", "C. D."],
        ["unproven", "E."],
      ],
    ]);
  });

  it("end at the first that cannot be tried to its end", async () => {
    const proofs = new Proofs(context, () => undefined, never);
    await proofs.run(async () => {
      await proofs.prove("restore", good("A."));
      await proofs.prove("replay", () => Promise.reject(new Failure("It is missing.")));
      await proofs.prove("rows", good("never"));
    });
    expect(ended(proofs)).toEqual([
      ["proven", "A."],
      ["failed", "It is missing."],
      ["unproven", "It was not reached."],
      ["unproven", "It was not reached."],
    ]);
    expect(logged).toEqual([]);
  });

  it("log where a bug is", async () => {
    const proofs = new Proofs(context, () => undefined, never);
    await proofs.run(() => proofs.prove("restore", () => Promise.reject(new Error("a bug"))));
    expect(proofs.all.restore).toMatchObject({ result: "failed", detail: "a bug." });
    expect(logged[0]).toContain("Error: a bug\n    at ");
  });
});

it("finds the processes of a drill by where they work and by their words, and no others", async () => {
  const process = async (pid: number, cwd: string, words: string) => {
    await mkdir(join(folder, String(pid)));
    await symlink(cwd, join(folder, String(pid), "cwd"));
    await writeFile(join(folder, String(pid), "cmdline"), words);
  };
  const drill = "/var/lib/postgresql/drill";
  await process(11, `${drill}/data`, "postgres: checkpointer\0");
  await process(12, "/", `pgbackrest\0--pg1-path=${drill}/data\0restore\0`);
  await process(13, "/var/lib/postgresql/drill-not", "postgres\0");
  await process(14, "/backups", "node\0agent.cjs\0serve\0");
  await process(15, drill, "bash\0");
  await mkdir(join(folder, "sys"));
  expect((await processesOf(drill, folder)).sort()).toEqual([11, 12, 15]);
});

it("knows by a file that replay is paused, also in another container", async () => {
  const paths = { records: folder } as Context["paths"];
  expect(await isPauseNoted({ paths })).toBe(false);
  await writeFile(join(folder, "drill-paused"), "");
  expect(await isPauseNoted({ paths })).toBe(true);
});
