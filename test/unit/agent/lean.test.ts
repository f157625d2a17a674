import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fullSpeed, staysHere } from "../../../scripts/agent/server/lean";

const entry = readFileSync(join(__dirname, "../../../images/agent/bin/laterbase-agent"), "utf8");

test("a process that works gets nothing of what keeps the agent small", () => {
  const flags = /^ {2}node\+=\((.+)\)$/m.exec(entry)?.[1]?.split(" ") ?? [];
  expect(flags).toEqual(["--no-opt", "--optimize-for-size"]);
  expect(fullSpeed(["--max-semi-space-size=2", ...flags])).toEqual(["--max-semi-space-size=2"]);
});

test("nor does any process take the agent's setting of malloc over", () => {
  const name = /^ {2}export (\w+)=131072$/m.exec(entry)?.[1] ?? "";
  expect(name).toBe("MALLOC_TRIM_THRESHOLD_");
  const environment = { PATH: "/bin", [name]: "131072" };
  staysHere(environment);
  expect(environment).toEqual({ PATH: "/bin" });
});
