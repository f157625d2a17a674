import { connect } from "../../scripts/engine/connect";
import { emptyPrimary } from "../../scripts/primary/observe/emptyPrimary";
import { uploadArchive } from "../../scripts/providers/docker/uploads";
import { recoverContainers, saveContainers } from "../../scripts/wrapper/recover";
import { baseImage, docker, dockerSucceeds } from "../support/providersTrial";

// Containers as a stack has them, without a stack: what the wrapper reads before `up` is enough to make them
// again after it failed.
jest.setTimeout(600_000);

const id = `t-recover-${process.pid}`;
const engine = connect();

afterAll(() => {
  for (const name of docker("ps", "-aq", "--filter", `label=test=${id}`).split("\n"))
    if (name) docker("rm", "-f", "-v", name);
  for (const network of [id, `${id}-2`]) dockerSucceeds("network", "rm", network);
  for (const volume of docker("volume", "ls", "-q", "--filter", `name=${id}`).split("\n"))
    if (volume) docker("volume", "rm", "-f", volume);
});

const secret = "hunter2 of the recovery";
const files = [
  {
    file: "/etc/laterbase/pgpass",
    content: secret,
    permissions: "0400",
    owner: "999",
    group: "998",
  },
  { file: "/etc/laterbase/init/1 é.sql", content: "select 1;\n", permissions: "0444" },
  { file: "/usr/local/bin/laterbase-health", content: "#!/bin/sh\nexit 0\n", permissions: "0555" },
];

/** A container with everything that ours have, as the provider makes it. */
async function make(name: string, command: string[]) {
  const made = await engine.createContainer({
    name,
    Image: baseImage(),
    Cmd: command,
    Hostname: "standby",
    Env: ["TZ=Europe/London", "A=it's 1"],
    Labels: { test: id, "laterbase.role": "standby" },
    ExposedPorts: { "5432/tcp": {} },
    StopSignal: "SIGTERM",
    StopTimeout: 1,
    Healthcheck: { Test: ["CMD", "/usr/local/bin/laterbase-health"], Interval: 1e9, Retries: 3 },
    HostConfig: {
      NetworkMode: "bridge",
      Binds: [`${id}-data:/var/lib/postgresql:rw`, "/tmp:/host:ro"],
      PortBindings: { "5432/tcp": [{ HostIp: "127.0.0.1", HostPort: "18761" }] },
      RestartPolicy: { Name: "unless-stopped" },
      LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "3" } },
      CapDrop: ["ALL"],
      CapAdd: ["CAP_CHOWN"],
      SecurityOpt: ["no-new-privileges:true"],
      Memory: 64 * 1024 ** 2,
      MemorySwap: 64 * 1024 ** 2,
      CpuShares: 128,
      ShmSize: 32 * 1024 ** 2,
      Init: true,
      Tmpfs: { "/scratch": "size=1m" },
    },
  });
  await engine.getNetwork("bridge").disconnect({ Container: made.id });
  for (const [network, Aliases] of [
    [id, ["standby", "db"]],
    [`${id}-2`, ["other"]],
  ] as const)
    await engine
      .getNetwork(network)
      .connect({ Container: made.id, EndpointConfig: { Aliases: [...Aliases] } });
  await made.putArchive(await uploadArchive(files), { path: "/" });
  await made.start();
  await made.update({ PidsLimit: 77 });
  return made;
}

/** What is the same for a container that was made again. */
function lasting(name: string) {
  const [info] = JSON.parse(docker("inspect", name));
  const networks = Object.entries<any>(info.NetworkSettings.Networks).map(([network, one]) => [
    network,
    one.NetworkID,
    one.Aliases.filter((alias: string) => !info.Id.startsWith(alias)),
  ]);
  const { Config, HostConfig, Image, Mounts, Name, Path, Args } = info;
  const mounts = Mounts.map((mount: object) => JSON.stringify(mount)).sort();
  return { Config, HostConfig, Image, mounts, Name, Path, Args, networks: networks.sort() };
}

const listing = (name: string) =>
  docker(
    "exec",
    name,
    "sh",
    "-c",
    "find /etc/laterbase /usr/local/bin/laterbase-health -exec stat -c '%n %a %u %g %s' {} + | sort; cat /etc/laterbase/*/* /usr/local/bin/laterbase-health",
  );

it("makes a container again that is gone, equal in settings, networks, volumes and files", async () => {
  docker("network", "create", id);
  docker("network", "create", `${id}-2`);
  const made = await make(`${id}-standby`, ["sleep", "600"]);
  docker("exec", `${id}-standby`, "sh", "-c", "echo rows >/var/lib/postgresql/data");
  const before = { settings: lasting(`${id}-standby`), files: listing(`${id}-standby`) };
  const saved = await saveContainers([
    { host: "", id: made.id, urn: "" },
    { host: "", id: "gone-already", urn: "" },
  ]);
  docker("rm", "-f", `${id}-standby`);

  const said: string[] = [];
  const recovered = await recoverContainers(saved, (sentence) => said.push(sentence));
  expect(recovered).toEqual([
    {
      name: `${id}-standby`,
      works: true,
      sentence: `${id}-standby runs again as before, with its settings, files and data.`,
    },
  ]);
  expect(said).toEqual([
    `${id}-standby was removed, and its replacement was not made. The container that ran before is made again.`,
  ]);
  expect({ settings: lasting(`${id}-standby`), files: listing(`${id}-standby`) }).toEqual(before);
  expect(docker("exec", "-u", "999", `${id}-standby`, "cat", "/etc/laterbase/pgpass")).toBe(secret);
  expect(docker("exec", `${id}-standby`, "cat", "/var/lib/postgresql/data")).toBe("rows");
  expect(JSON.stringify([recovered, said])).not.toContain(secret);
  // What runs as it did before is left alone.
  const [again] = await saveContainers([{ host: "", id: `${id}-standby`, urn: "" }]);
  expect(await recoverContainers([again!], () => undefined)).toEqual([]);
});

it("starts one that was only stopped, and puts the old one in the place of one that cannot start", async () => {
  const [saved] = await saveContainers([{ host: "", id: `${id}-standby`, urn: "" }]);
  docker("stop", "-t", "0", `${id}-standby`);
  expect(await recoverContainers([saved!], () => undefined)).toMatchObject([
    { works: true, sentence: `${id}-standby was stopped and not replaced. It runs again.` },
  ]);
  docker("rm", "-f", `${id}-standby`);
  docker(
    "create",
    "--name",
    `${id}-standby`,
    "--label",
    `test=${id}`,
    baseImage(),
    "no-such-program",
  );
  dockerSucceeds("start", `${id}-standby`);
  // The time that a new container gets is not what this is about.
  const patience = jest.spyOn(Date, "now");
  let now = Date.now();
  patience.mockImplementation(() => (now += 20_000));
  const recovered = await recoverContainers([saved!], () => undefined).finally(() =>
    patience.mockRestore(),
  );
  expect(recovered).toMatchObject([{ works: true, sentence: expect.stringMatching(/as before/) }]);
  expect(docker("exec", "-u", "999", `${id}-standby`, "cat", "/etc/laterbase/pgpass")).toBe(secret);
});

it("never makes an empty volume for a container whose volume is gone", async () => {
  const [saved] = await saveContainers([{ host: "", id: `${id}-standby`, urn: "" }]);
  docker("rm", "-f", `${id}-standby`);
  docker("volume", "rm", `${id}-data`);
  const [recovered] = await recoverContainers([saved!], () => undefined);
  expect(recovered).toEqual({
    name: `${id}-standby`,
    works: false,
    sentence: `${id}-standby is gone, and the container that ran before cannot be made again: its volume ${id}-data is gone.`,
  });
  expect(dockerSucceeds("volume", "inspect", `${id}-data`)).toBe(false);
});

describe("a managed primary without its data", () => {
  const stack = `${id}-empty`;
  const volume = (what: string) => `laterbase-${stack}-${what}`;
  const look = async (names: string[] = ["standby"]) => {
    const standbys = names.map((name) => ({ name }));
    const config = { primary: { kind: "managed" }, standbys };
    const named = { project: "laterbase", stack };
    // The state of a new stack knows none.
    const had = () => Promise.resolve(false);
    const { refused } = await emptyPrimary(config, named, baseImage(), { had });
    return refused;
  };
  const fill = (name: string, script: string) =>
    docker("run", "--rm", "-v", `${name}:/v`, baseImage(), "sh", "-c", script);
  afterAll(() => {
    for (const what of ["primary-data", "standby-data", "agent-records"])
      dockerSucceeds("volume", "rm", "-f", volume(what));
  });

  it("is a new one where nothing has data, and one to stop at where a standby or dumps have", async () => {
    expect(await look()).toEqual([]);
    // A first run that was killed: volumes without data.
    docker("volume", "create", volume("standby-data"));
    docker("volume", "create", volume("agent-records"));
    expect(await look()).toEqual([]);
    fill(
      volume("standby-data"),
      "mkdir -m 0700 /v/data; echo 17 >/v/data/PG_VERSION; chown -R 999 /v/data",
    );
    expect((await look())[0]).toBe(
      `The primary has no data: its volume ${volume("primary-data")} is missing or empty. There are copies: the standby "standby" (volume ${volume("standby-data")}).`,
    );
    fill(volume("agent-records"), "echo {} >/v/dump.success.json");
    docker("volume", "create", volume("primary-data"));
    expect((await look([]))[0]).toMatch(/There are copies: dumps of this stack\.$/);
    fill(volume("primary-data"), "mkdir /v/data; echo 17 >/v/data/PG_VERSION");
    expect(await look()).toEqual([]);
  });

  it("is an empty one where somebody asks for it", async () => {
    docker("volume", "rm", volume("primary-data"));
    expect(await look()).not.toEqual([]);
    process.env["LATERBASE_EMPTY_PRIMARY"] = "yes";
    expect(await look().finally(() => delete process.env["LATERBASE_EMPTY_PRIMARY"])).toEqual([]);
  });
});
