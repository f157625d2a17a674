import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const lib = resolve(__dirname, "../../../images/postgres/lib");

interface Volume {
  /** What a person asked for. */
  request?: "keep" | "promoted" | "discard" | "discard-standby";
  /** Whether somebody promoted the server. */
  isPromoted?: boolean;
}

/** What a standby's volume holds after its container has started again, or after other words of the supervisor. */
function recovered(
  folders: readonly string[],
  { request, isPromoted = false }: Volume = {},
  words = "recover_volume",
): string[] {
  const volume = mkdtempSync(join(tmpdir(), "laterbase-standby-"));
  try {
    for (const folder of folders) {
      mkdirSync(join(volume, folder));
      writeFileSync(join(volume, folder, "of"), folder);
      writeFileSync(join(volume, folder, "PG_VERSION"), "17\n");
      if (!isPromoted) writeFileSync(join(volume, folder, "standby.signal"), "");
    }
    if (request) writeFileSync(join(volume, "rebuild"), `${request}\n`);
    const script = `
      set -euo pipefail
      VOLUME=$1 PGDATA=$1/data RUN=$1 LIB=$2 PG_MAJOR=17
      run() { "$@"; }
      say() { :; }
      status() { :; }
      . <(sed '/^source /d' "$LIB/standby.sh")
      . "$LIB/rebuild.sh"
      ${words}`;
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
  expect(recovered(["data", "data.verified"], { request: "keep" })).toEqual(swapped);
});

it("a clone from before a restore is never served: the request to discard what is here stays", () => {
  expect(recovered(["data", "data.verified"], { request: "discard" })).toEqual([
    "data of data",
    "rebuild",
  ]);
});

it("the data that last streamed come back where a run ended between two renames", () => {
  expect(recovered(["data.old", "data.new"])).toEqual(["data of data.old"]);
});

it("a server that was promoted while its clone was made keeps its data", () => {
  const folders = ["data", "data.verified"];
  expect(recovered(folders, { isPromoted: true })).toEqual(["data of data"]);
  expect(recovered(folders, { isPromoted: true, request: "keep" })).toEqual(["data of data"]);
  const asked = recovered(folders, { isPromoted: true, request: "promoted" });
  expect(asked).toEqual(["data of data.verified", "data.old of data"]);
});

it("a request notes that the server was promoted by then", () => {
  const asked = (volume: Volume, how: string) =>
    recovered(["data"], volume, `ask_for_rebuild ${how}; mv "$REBUILD" "$VOLUME/data/of"`);
  expect(asked({ isPromoted: true }, "keep")).toEqual(["data of promoted\n"]);
  expect(asked({}, "keep")).toEqual(["data of keep\n"]);
  expect(asked({ isPromoted: true }, "discard")).toEqual(["data of discard\n"]);
  expect(asked({}, "discard")).toEqual(["data of discard-standby\n"]);
});

describe("data that are to be deleted before the clone", () => {
  /** The primary answers after two turns, in each of which this happens. */
  const rebuilt = (turn: string, volume: Volume = { request: "discard-standby" }) =>
    recovered(
      ["data"],
      volume,
      `
      turns=0 UPSTREAM_ERROR=away
      server_alive() { return 1; }
      start_standby() { exit 7; }
      stop_server() { :; }
      identify() { ((turns == 2)); }
      compare_with_upstream() { :; }
      pause() { [[ -d $PGDATA ]] || exit 8; turns=$((turns + 1)); ${turn}; }
      clone_until_done() { mkdir "$VOLUME/data.verified"; echo clone >"$VOLUME/data.verified/of"; }
      rebuild
      ((turns == 2))`,
    );

  it("stay until the primary answers, because they may be the only copy", () => {
    expect(rebuilt(":")).toEqual(["data of clone\n"]);
    expect(rebuilt(":", { request: "discard", isPromoted: true })).toEqual(["data of clone\n"]);
  });

  it("stay where somebody promotes the server meanwhile, or asks for another clone", () => {
    expect(rebuilt('rm -f "$PGDATA/standby.signal"')).toEqual(["data of data"]);
    const restarted: Volume = { request: "discard-standby", isPromoted: true };
    expect(rebuilt(":", restarted)).toEqual(["data of data"]);
    expect(rebuilt('echo keep >"$REBUILD"; start_standby() { :; }')).toEqual([
      "data of data",
      "rebuild",
    ]);
  });
});
