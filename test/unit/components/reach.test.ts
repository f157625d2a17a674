import { readFileSync } from "node:fs";
import { type Made, named } from "../../support/mocks";
import { reachOf, tableOf } from "../../support/reach";
import { declared } from "../../support/stackProgram";

// What the components ask for. That the engine gives the same, sidecars.test.ts looks at.
let made: Made[];
let withFolder: Made[];
let withStore: Made[];

beforeAll(async () => {
  made = await declared("dev", () => undefined);
  const path = "/srv/dumps";
  withFolder = await declared(
    "dev",
    () => undefined,
    (keys) => {
      keys["dumps"] = { ...keys["dumps"], path };
    },
  );
  withStore = await declared(
    "dev",
    () => undefined,
    (keys) => {
      keys["objectStore"] = { port: 7070 };
    },
  );
});

const containers = (all: Made[]) =>
  all.filter(({ type }) => type === "docker:index/container:Container");

it("is in docs/security.md as the components ask for it", () => {
  const prefix = "laterbase-dev";
  const rows = [
    ...reachOf(made, prefix),
    ...reachOf(withFolder, prefix)
      .filter(({ mounts }) => mounts.includes("/srv/dumps"))
      .map((row) => ({ ...row, container: `${row.container}, with \`dumps.path\`` })),
    ...reachOf(withStore, prefix).filter(({ container }) => container === "object-store"),
  ];
  const page = readFileSync("docs/security.md", "utf8");
  const section = page.split("\n## What each container can reach\n")[1]?.split("\n## ")[0] ?? "";
  const table = section
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) =>
      line.replace(/ +/g, " ").replace(/-+/g, (dashes) => (line.includes("---") ? "-" : dashes)),
    );
  expect(table).toEqual(tableOf(rows));
});

it("has a limit of processes for every container, set again for a new one", () => {
  const { inputs } = named(made, "local-process-limits");
  const names = containers(made).map(({ inputs: { name } }) => name as string);
  const words = (inputs["create"] as string).split(" ").slice(-names.length);
  expect(words.map((word) => word.split("=")[0]).sort()).toEqual(names.sort());
  for (const word of words) expect(Number(word.split("=")[1])).toBeGreaterThan(0);
  expect(inputs["triggers"]).toHaveLength(names.length);
});

describe("no container", () => {
  it("has CAP_DAC_READ_SEARCH, nor any capability but those that take a folder over", () => {
    for (const all of [made, withFolder, withStore]) {
      for (const { inputs } of containers(all)) {
        expect([inputs["name"], inputs["capabilities"].drops]).toEqual([inputs["name"], ["ALL"]]);
        const adds: string[] = inputs["capabilities"].adds ?? [];
        const folder = all === withFolder && inputs["name"] === "laterbase-dev-agent";
        expect([inputs["name"], adds]).toEqual([
          inputs["name"],
          folder ? ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_SETGID", "CAP_SETUID"] : [],
        ]);
        expect(inputs["securityOpts"]).toEqual(["no-new-privileges:true"]);
        expect(inputs["privileged"]).toBeUndefined();
      }
    }
  });

  it("but the proxy mounts the engine's socket, and the proxy is in an internal network alone with the scheduler", () => {
    const mounting = (what: string) =>
      containers(made).flatMap(({ inputs }) =>
        (inputs["volumes"] ?? []).some(({ hostPath = "" }) => hostPath.includes(what))
          ? [inputs["name"]]
          : [],
      );
    expect(mounting("docker.sock")).toEqual(["laterbase-dev-scheduler-proxy"]);
    expect(mounting("/")).toEqual(["laterbase-dev-scheduler-proxy"]);
    const inside = containers(made).flatMap(({ inputs }) =>
      inputs["networksAdvanced"].some(
        ({ name }: { name: string }) => name === "laterbase-dev-scheduler",
      )
        ? [[inputs["name"], inputs["networksAdvanced"].length, inputs["ports"]]]
        : [],
    );
    expect(inside).toEqual([
      ["laterbase-dev-scheduler-proxy", 1, undefined],
      ["laterbase-dev-scheduler", 1, undefined],
    ]);
    expect(named(made, "scheduler-network").inputs["internal"]).toBe(true);
  });

  it("has a writable root file system unless files are uploaded into it", () => {
    for (const { inputs } of containers(made)) {
      // The pooler's configuration comes by a step, and has to outlive a restart of the engine.
      const written = inputs["uploads"] !== undefined || inputs["name"].endsWith("-pooler");
      expect([inputs["name"], inputs["readOnly"] === true]).toEqual([inputs["name"], !written]);
    }
  });
});
