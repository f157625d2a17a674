import { rmSync } from "node:fs";
import { program, writeContext } from "../../support/providersDockerProgram";
import { docker, dockerSucceeds, embeddedPlugins, Trial } from "../../support/providersTrial";

jest.setTimeout(180_000);

const id = `lbt-drift-${process.pid}`;

let plugins: string;
let trial: Trial;

beforeAll(async () => {
  plugins = embeddedPlugins();
  trial = new Trial(plugins);
  await trial.init();
  writeContext(trial, "text");
  trial.declare(program(id));
  await mustUp();
});

afterAll(async () => {
  await trial.end();
  rmSync(plugins, { recursive: true });
});

function inspect(format: string): string {
  return docker("inspect", "--format", format, id);
}

async function mustUp(...args: string[]): Promise<void> {
  const { code, text } = await trial.up(...args);
  if (code !== 0) throw new Error(text);
}

describe("drift", () => {
  it("of a stopped container is not found without a refresh", async () => {
    docker("stop", "-t", "0", id);
    expect(await trial.preview()).toEqual({});
  });

  it("of a stopped container with a port is repaired by a new container", async () => {
    expect(await trial.preview("--refresh")).toEqual({ server: "replace" });
    await mustUp("--refresh");
    expect(inspect("{{.State.Running}}")).toBe("true");
    expect(await trial.preview("--refresh")).toEqual({});
  });

  it("of a removed container is repaired by a new one", async () => {
    docker("rm", "-f", id);
    expect(await trial.preview("--refresh")).toEqual({ server: "create" });
    await mustUp("--refresh");
    expect(inspect("{{.State.Running}}")).toBe("true");
  });

  it("of a limit is reverted", async () => {
    docker("update", "--memory", "64m", "--memory-swap", "64m", id);
    expect(await trial.preview("--refresh")).toEqual({ server: "update" });
    await mustUp("--refresh");
    expect(inspect("{{.HostConfig.Memory}}")).toBe(String(128 * 1024 * 1024));
  });

  it("of a removed image is repaired by a new build", async () => {
    docker("rmi", "-f", `${id}:1`);
    const plan = await trial.preview("--refresh");
    expect(plan.image).toBe("create");
    await mustUp("--refresh");
    expect(dockerSucceeds("image", "inspect", `${id}:1`)).toBe(true);
    expect(await trial.preview("--refresh")).toEqual({});
  });
});

describe("a volume", () => {
  it("that already exists is adopted with its content", async () => {
    docker("exec", id, "sh", "-c", "echo kept > /data/kept");
    await trial.ok("state", "delete", "--yes", "--target-dependents", urn("Volume", "data"));
    await trial.run("refresh", "--yes", "--skip-preview");
    docker("rm", "-f", id);
    await mustUp();
    expect(docker("exec", id, "cat", "/data/kept")).toBe("kept");
  });

  function urn(type: string, name: string): string {
    const lower = type[0]?.toLowerCase() + type.slice(1);
    return `urn:pulumi:trial::trial::docker:index/${lower}:${type}::${name}`;
  }
});

it("refuses an input by name, and creates nothing", async () => {
  trial.declare(program(id, { privileged: true }));
  const { code, text } = await trial.up();
  expect(code).not.toBe(0);
  expect(text).toContain(
    "privileged: Laterbase's embedded docker provider does not implement this input",
  );
  trial.declare(program(id));
  expect(await trial.preview("--refresh")).toEqual({});
});
