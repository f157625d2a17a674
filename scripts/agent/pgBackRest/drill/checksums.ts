import { execa } from "execa";
import { drillPaths } from "../../../../contract/pgBackRest";
import { visible } from "../../../../contract/visible";
import type { Context } from "../../kit/context";
import { Failure } from "../../kit/failure";
import { controlData } from "./server";
import { controlValue } from "./settings";

/** What the pages of the stopped server are. */
export type CheckedPages = { pages: number; problems: string[] } | { off: true };

/** Reads every page against its checksum. The server has stopped cleanly. */
export async function checkPages(context: Context, signal: AbortSignal): Promise<CheckedPages> {
  const control = await controlData(context, signal);
  if (controlValue(control, "Data page checksum version") === "0") return { off: true };
  const program = `/usr/lib/postgresql/${context.config.major}/bin/pg_checksums`;
  const ran = await execa(program, ["--check", "-D", drillPaths.data], {
    ...{ reject: false, stdin: "ignore" as const, env: { LC_ALL: "C.UTF-8" }, signal },
    ...{ maxBuffer: 64 << 20 },
  });
  signal.throwIfAborted();
  if (typeof ran.exitCode !== "number") throw new Failure("pg_checksums cannot be run.");
  return readChecksums(ran.exitCode, ran.stdout, ran.stderr);
}

const named = 5;

/** What pg_checksums printed. It ends with 1 also for a wrong checksum, and its figures tell that from a failure. */
export function readChecksums(code: number, stdout: string, stderr: string): CheckedPages {
  const figure = (line: RegExp) => Number(line.exec(stdout)?.[1] ?? Number.NaN);
  const pages = figure(/^Blocks scanned: +(\d+)$/m);
  const bad = figure(/^Bad checksums: +(\d+)$/m);
  if (Number.isNaN(pages) || Number.isNaN(bad) || (code !== 0 && bad === 0)) {
    const [first = ""] = stderr.trim().split("\n").slice(-1);
    throw new Failure(`The pages could not be checked: ${visible(first)} [${code}]`);
  }
  const where = [...stderr.matchAll(/"([^"]+)", block (\d+)/g)].map(
    ([, file = "", block = ""]) => `page ${block} of ${file.replace(`${drillPaths.data}/`, "")}`,
  );
  const list = where.slice(0, named).join(", ");
  const problems =
    bad > 0
      ? [`${bad} of ${pages} pages have a wrong checksum${list ? `: ${visible(list)}` : ""}.`]
      : [];
  return { pages, problems };
}
