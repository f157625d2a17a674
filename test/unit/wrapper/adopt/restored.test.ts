import { halfMadeOf, lookAtEngines } from "../../../../scripts/wrapper/adopt";
import type { FoundThing } from "../../../../scripts/wrapper/engines/found";
import type { Exported } from "../../../../scripts/wrapper/engines/recorded";

/** Whose data the container of a restore has. */
let mounted = "primary";
const container = (name: string): FoundThing => ({
  ...{ kind: "container", id: `id of ${name}`, name: `laterbase-x-${name}`, host: "" },
  ...{ started: true, running: true },
  volumes: [`laterbase-x-${name === "restore-work" ? mounted : name}-data`],
});
const network: FoundThing = { kind: "network", id: "net", name: "laterbase-x", host: "" };

jest.mock("../../../../scripts/wrapper/engines/found", () => ({
  foundOn: () =>
    Promise.resolve([network, ...["restored", "restore-work", "pooler"].map(container)]),
}));

const state = {
  deployment: {
    resources: [
      {
        urn: "urn::engine",
        type: "pulumi:providers:docker",
        inputs: {},
      },
      {
        ...{ urn: "urn::network", type: "docker:index/network:Network", id: "net" },
        ...{ provider: "urn::engine::id", outputs: { name: "laterbase-x" } },
      },
    ],
  },
} as Exported;
const args = { project: "laterbase", stack: "x", state };

describe("a restored server, which no state knows", () => {
  it("stays through up, and so does a restore at work", async () => {
    const { remove } = await lookAtEngines({ ...args, steps: [], adopt: false });
    expect(remove.map(({ name }) => name)).toEqual(["laterbase-x-pooler"]);
  });

  it("lets no run begin while it is being restored, and a preview", async () => {
    await expect(lookAtEngines({ ...args, steps: [], adopt: false, runs: true })).rejects.toThrow(
      "A restore of stack x is at work. Nothing was changed, because it may stop the primary and replace its data.\n" +
        "When it has ended, run 'npm run pulumi -- up --stack x' again. If you know that it was killed, 'docker rm --force laterbase-x-restore-work' ends what it left.",
    );
  });

  it("lets a run begin while it is being restored beside the primary", async () => {
    mounted = "restored";
    const { remove } = await lookAtEngines({ ...args, steps: [], adopt: false, runs: true });
    expect(remove.map(({ name }) => name)).toEqual(["laterbase-x-pooler"]);
    mounted = "primary";
  });

  it("goes with the stack", async () => {
    const names = (await halfMadeOf(args)).map(({ name }) => name);
    expect(names).toEqual([
      "laterbase-x-restored",
      "laterbase-x-restore-work",
      "laterbase-x-pooler",
    ]);
  });
});
