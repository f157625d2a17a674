import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { EmptyPrimaryInput } from "../../../contract/emptyPrimaryStep";
import { runAsRoot } from "../../../scripts/engine/rootScript";
import { backupsOfNoPrimary } from "../../../scripts/steps/backups/emptyPrimary";

// The step's own scripts look into folders of this machine, in the place of volumes.
jest.mock("../../../scripts/engine/rootScript", () => ({ runAsRoot: jest.fn() }));

const volumes = mkdtempSync(join(tmpdir(), "laterbase-volumes-"));
afterEach(() => rmSync(volumes, { recursive: true, force: true }));

const engine = { getVolume: () => ({ inspect: () => Promise.resolve({}) }) };
const input: EmptyPrimaryInput = {
  ...{ data: "data", files: [], mounts: [], restore: "restore" },
  stanza: { name: "main", repositories: [] },
  store: { number: 2, location: "bucket kept", volume: "store", folder: "kept/pgbackrest" },
  place: { image: "image", network: "network" },
};

/** The sentences where these files are in the volumes. */
async function sentences(...files: string[]): Promise<string[]> {
  for (const volume of ["data", "store"]) mkdirSync(join(volumes, volume), { recursive: true });
  for (const file of files) {
    mkdirSync(dirname(join(volumes, file)), { recursive: true });
    writeFileSync(join(volumes, file), "");
  }
  jest.mocked(runAsRoot).mockImplementation((_, { script, words, mounts }) => {
    const folder = join(volumes, mounts[0]?.volume ?? "");
    try {
      execFileSync("bash", ["-c", script.replaceAll("/look", folder), "bash", ...words]);
      return Promise.resolve({ code: 0, stdout: "", stderr: "" });
    } catch (error) {
      const { status } = error as { status: number };
      return Promise.resolve({ code: status, stdout: "", stderr: "" });
    }
  });
  return backupsOfNoPrimary(engine as never, input, "");
}

const backup = "store/kept/pgbackrest/backup/main";

it("finds a backup in the volume of the object store, which does not run", async () => {
  const found = await sentences(`${backup}/20261129-020000F/backup.manifest`);
  expect(found[1]).toBe("Repository 2 (bucket kept) holds backups of it.");
});

it("takes a stanza for no backup, and neither one that is not finished", async () => {
  const begun = `${backup}/20261129-020000F/backup.manifest.copy`;
  expect(await sentences(`${backup}/backup.info`, begun)).toEqual([]);
});

it.each(["data/PG_VERSION", "data.before-restore/PG_VERSION", "restore.json"])(
  "looks for nothing where the volume has %s",
  async (file) => {
    expect(await sentences(`data/${file}`, `${backup}/20261129-020000F/backup.manifest`)).toEqual(
      [],
    );
  },
);
