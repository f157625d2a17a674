import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// The health check of a server's container, with another folder in place of /run/laterbase.
const folder = mkdtempSync(join(tmpdir(), "lbt-health-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const script = readFileSync("images/postgres/bin/laterbase-health", "utf8").replace(
  "RUN=/run/laterbase",
  `RUN=${folder}`,
);
const running = '{"state":"running","detail":"streams","since":""}';

/** @param age of the supervisor's last sign of life, in seconds; negative: it lies in the future */
function health(age: number) {
  writeFileSync(join(folder, "status"), `${running}\n`);
  writeFileSync(join(folder, "alive"), "");
  const at = Date.now() / 1000 - age;
  utimesSync(join(folder, "alive"), at, at);
  const { status, stdout } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
  return { code: status, ...(JSON.parse(stdout) as { state: string; detail: string }) };
}

it("is well while the supervisor writes", () => {
  expect(health(3)).toEqual({ code: 0, ...JSON.parse(running) });
});

it("is not well when the supervisor is silent", () => {
  expect(health(100)).toMatchObject({
    code: 1,
    detail: expect.stringMatching(/^the supervisor has been silent for 10[0-2] s$/),
  });
});

it("is not well when the clock was set back", () => {
  expect(health(-86_400)).toMatchObject({
    code: 1,
    detail: "the supervisor wrote in the future, so the clock was set back",
  });
});
