import { spawnSync } from "node:child_process";

/** The options that primary.sh starts a server with, beside those of every server. */
function optionsOf(env: Record<string, string>): string {
  const script = '. images/postgres/lib/primary.sh; printf "%s" "${BESIDE[*]}"';
  const ran = spawnSync("bash", ["--norc", "-euc", script], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"] ?? "", VOLUME: "/volume", ...env },
  });
  expect(ran.stderr).toBe("");
  return ran.stdout;
}

it("starts a server beside the primary without what would reach others, and without jobs of extensions", () => {
  expect(optionsOf({ RESTORED_BESIDE: "yes" })).toBe(
    "-c archive_mode=off -c max_logical_replication_workers=0 -c max_worker_processes=0 " +
      "-c synchronous_standby_names=",
  );
});

it("leaves the primary its own settings", () => {
  expect(optionsOf({})).toBe("");
});
