import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

const goModule = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12";

/** actionlint, built by Go from its module into a temporary folder, and kept with what set-up builds. */
export function actionlint(): string {
  const cache = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "laterbase");
  const file = join(cache, "actionlint", goModule.split("@")[1]!, "actionlint");
  if (existsSync(file)) return file;
  const folder = mkdtempSync(join(tmpdir(), "lbt-actionlint-"));
  try {
    const env = { ...process.env, GOBIN: folder, GOFLAGS: "", GOWORK: "off", CGO_ENABLED: "0" };
    const built = spawnSync("go", ["install", goModule], { env, encoding: "utf8" });
    if (built.error) throw new Error("Go is missing, so actionlint cannot be built.");
    if (built.status !== 0) throw new Error(`actionlint could not be built:\n${built.stderr}`);
    mkdirSync(join(file, ".."), { recursive: true });
    // The temporary folder may be on another disk.
    const { status: copied } = spawnSync("cp", [
      join(folder, "actionlint"),
      `${file}.${process.pid}`,
    ]);
    if (copied !== 0) throw new Error(`${file} could not be written.`);
    renameSync(`${file}.${process.pid}`, file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return file;
}
