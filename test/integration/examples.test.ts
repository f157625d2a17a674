import { adaptedExample, type ExampleSystem, exampleSystems } from "../support/exampleStacks";
import { ok } from "../support/process";
import { Stack } from "../support/stack";

// Each example previews by the real CLI, as it is before its first `up`. That it comes up, the trial of the examples
// proves. The editor's Mac is an address in a network of the test where nothing answers, as in a pipeline that reaches no
// primary.
jest.setTimeout(600_000);

interface Step {
  op: string;
  newState?: { type: string; inputs: { name?: string } };
}

/** What the containers of each example are for. */
const roles: Record<ExampleSystem, string[]> = {
  "hot-hot": ["agent", "health", "primary", "scheduler", "scheduler-proxy", "standby"],
  homelab: [
    ...["agent", "health", "object-store", "pooler", "primary", "scheduler", "scheduler-proxy"],
  ],
  sav3: ["agent", "health", "pooler", "primary", "scheduler", "scheduler-proxy"],
  "config-once": ["agent", "health", "primary", "scheduler", "scheduler-proxy"],
  editor: ["agent", "duplicati", "health", "pgadmin", "scheduler", "scheduler-proxy", "standby"],
};

const network = `lbt-examples-${process.pid}`;
const subnet = "10.213.43";
beforeAll(async () => {
  await ok("docker", ["network", "create", "--subnet", `${subnet}.0/24`, network]);
});
afterAll(async () => {
  await ok("docker", ["network", "rm", network]);
});

it.each(exampleSystems.map((name, i) => ({ name, first: 19500 + 10 * i })))(
  "$name previews: it makes every container, and changes nothing of the machine",
  async ({ name, first }) => {
    const stack = new Stack(`t-pre-${name}`);
    try {
      const keys = adaptedExample(name, { first, folder: `${stack.folder}/backups` });
      const external = keys["primary"].kind === "external";
      if (external) keys["primary"].host = `${subnet}.9`;
      await stack.configure(keys, external ? { "primary.superuser.password": "DaVinci" } : {});
      const { code, stdout, stderr } = await stack.pulumi(["preview", "--json"]);
      expect([code, code === 0 ? "" : stdout + stderr]).toEqual([0, ""]);
      const { steps } = JSON.parse(stdout) as { steps: Step[] };
      expect(steps.filter(({ op }) => op !== "create")).toEqual([]);
      const made = steps.flatMap(({ newState }) =>
        newState?.type === "docker:index/container:Container" ? [newState.inputs.name!] : [],
      );
      expect(made.sort()).toEqual(roles[name].map((role) => stack.container(role)).sort());
      const label = `label=laterbase.stack=${stack.name}`;
      for (const kind of ["container", "volume", "network"])
        expect(await ok("docker", [kind, "ls", "--quiet", "--filter", label])).toBe("");
    } finally {
      await stack.remove();
    }
  },
);
