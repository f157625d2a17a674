import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const lib = resolve(__dirname, "../../../images/postgres/lib");

/** What a standby's volume holds after its container has started again. */
function recovered(folders: readonly string[], request?: "keep" | "discard"): string[] {
  const volume = mkdtempSync(join(tmpdir(), "laterbase-standby-"));
  try {
    for (const folder of folders) {
      mkdirSync(join(volume, folder));
      writeFileSync(join(volume, folder, "of"), folder);
    }
    if (request) writeFileSync(join(volume, "rebuild"), `${request}\n`);
    const script = `
      set -euo pipefail
      VOLUME=$1 PGDATA=$1/data RUN=$1 LIB=$2
      run() { "$@"; }
      . <(sed '/^source /d' "$LIB/standby.sh")
      . "$LIB/rebuild.sh"
      recover_volume`;
    execFileSync("bash", ["-c", script, "bash", volume, lib]);
    return readdirSync(volume)
      .filter((name) => existsSync(join(volume, name, "of")) || name === "rebuild")
      .map((name) => {
        const of = join(volume, name, "of");
        return existsSync(of) ? `${name} of ${execFileSync("cat", [of]).toString()}` : name;
      })
      .sort();
  } finally {
    rmSync(volume, { recursive: true });
  }
}

it("a clone that was verified takes its place, also where a new one was asked for", () => {
  const swapped = ["data of data.verified", "data.old of data"];
  expect(recovered(["data", "data.new", "data.verified"])).toEqual(swapped);
  expect(recovered(["data", "data.verified"], "keep")).toEqual(swapped);
});

it("a clone from before a restore is never served: the request to discard what is here stays", () => {
  expect(recovered(["data", "data.verified"], "discard")).toEqual(["data of data", "rebuild"]);
});

it("the data that last streamed come back where a run ended between two renames", () => {
  expect(recovered(["data.old", "data.new"])).toEqual(["data of data.old"]);
});
