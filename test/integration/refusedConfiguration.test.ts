import { cases } from "../support/cases";
import { badConfigs, badDumps } from "../support/badConfigs";
import { badConnections } from "../support/badConnections";
import { ok } from "../support/process";
import { Stack } from "../support/stack";

jest.setTimeout(600_000);

// By the real CLI, because a person reads the sentence there.
const stack = new Stack("t-bad");
const file = "Pulumi.t-bad.yaml";
const lists = [badConfigs(file).slice(0, 20), badDumps(file), badConnections(file)];
const first = lists.map(([one]) => one!);
const others = lists.flatMap(([, ...rest]) => rest);

afterAll(() => stack.remove());

it.each(cases(first, others))(
  "up refuses %s with its sentence and a non-zero exit, and creates nothing",
  async (_, raw, sentences) => {
    await stack.configure(raw);
    const { code, stdout, stderr } = await stack.pulumi(["up", "--yes", "--skip-preview"]);
    const said = (stdout + stderr).replace(/\s+/g, " ");
    expect([code, said]).toEqual([expect.any(Number), expect.stringContaining(sentences[0]!)]);
    expect(code).not.toBe(0);
    expect(said).not.toMatch(/at .*\.ts:\d+/);
    const resources = JSON.parse(await stack.state()).deployment.resources ?? [];
    const types = resources.map(({ type }: { type: string }) => type);
    expect(types.filter((type: string) => type !== "pulumi:pulumi:Stack")).toEqual([]);
    const label = `label=laterbase.stack=${stack.name}`;
    for (const kind of ["container", "volume", "network"]) {
      expect(await ok("docker", [kind, "ls", "--quiet", "--filter", label])).toBe("");
    }
  },
);
