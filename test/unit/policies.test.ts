import { exampleFile, exampleSystems } from "../support/exampleStacks";
import type { Made } from "../support/mocks";
import { declared, stackFiles, stackKeys, type StackFile } from "../support/stackProgram";

// What every container and volume of a stack has to be, over everything that each stack file declares. A component that
// is added later is held to it too.
const names = Object.keys(stackFiles) as StackFile[];
const database = [5432, 6432];

/** Sockets, pgBackRest's spool, rendered files, and the scratch of a drill. */
const dataless = /-(sockets?|spool|conf|drill)$/;

/** What the mocks give for a generated password or key, and the password of an external primary. */
const secretWords = /password-of-|(?<![a-z])key-of-|Tr0ub4dor/;

it("are held by every stack file: dev, prod and each example", () => {
  expect(Object.values(stackFiles)).toEqual(
    expect.arrayContaining([
      "Pulumi.dev.yaml",
      "Pulumi.prod.yaml",
      ...exampleSystems.map(exampleFile),
    ]),
  );
});

describe.each(names)("everything that %s declares", (name) => {
  let made: Made[];
  let containers: Made[];
  beforeAll(async () => {
    made = await declared(name, () => undefined);
    containers = made.filter(({ type }) => type === "docker:index/container:Container");
  });

  const failing = (holds: (inputs: Record<string, any>) => boolean, of = containers) =>
    of.filter(({ inputs }) => !holds(inputs)).map((one) => one.name);

  it("has containers and volumes", () => {
    expect(containers.length).toBeGreaterThan(2);
    expect(made.some(({ type }) => type === "docker:index/volume:Volume")).toBe(true);
  });

  it("limits the memory of each container, without swap", () => {
    expect(failing((inputs) => inputs["memory"] > 0)).toEqual([]);
    expect(failing((inputs) => inputs["memorySwap"] === inputs["memory"])).toEqual([]);
  });

  it("starts each container again after a crash, and looks at its health", () => {
    expect(failing((inputs) => inputs["restart"] === "unless-stopped")).toEqual([]);
    expect(failing((inputs) => inputs["healthcheck"]?.tests?.length > 0)).toEqual([]);
  });

  it("drops every capability, and lets no process gain rights", () => {
    expect(failing((inputs) => inputs["capabilities"]?.drops?.includes("ALL"))).toEqual([]);
    const noNew = "no-new-privileges:true";
    expect(failing((inputs) => inputs["securityOpts"]?.includes(noNew))).toEqual([]);
    expect(failing((inputs) => inputs["privileged"] !== true)).toEqual([]);
  });

  it("keeps the log of each container small", () => {
    expect(failing((inputs) => inputs["logOpts"]?.["max-size"] === "10m")).toEqual([]);
  });

  it("has no image with a tag that may move", () => {
    const images = [
      ...containers.map(({ inputs }) => inputs["image"]),
      ...made
        .filter(({ type }) => type === "docker:index/remoteImage:RemoteImage")
        .map(({ inputs }) => inputs["name"]),
    ].filter((image) => typeof image === "string" && !/-id$|^stdout-of-/.test(image));
    const moving = images.filter((image) => !/[:@]/.test(image) || image.endsWith(":latest"));
    expect([images.length > 0, moving]).toEqual([true, []]);
  });

  it("publishes no database on all addresses, unless the stack file says so", () => {
    const { bindAddress = "127.0.0.1", standbys = [] } = stackKeys(name);
    const configured = [bindAddress, ...standbys.map((one: any) => one.bindAddress)];
    const open = containers.flatMap(({ inputs }) =>
      (inputs["ports"] ?? []).filter(
        ({ internal, ip }: any) => database.includes(internal) && !configured.includes(ip),
      ),
    );
    expect(open).toEqual([]);
  });

  it("protects and keeps each volume with data, and no other", () => {
    const volumes = made.filter(({ type }) => type === "docker:index/volume:Volume");
    const kept = volumes.filter(({ opts }) => opts.protect && opts.retainOnDelete);
    expect(volumes.filter(({ opts }) => !!opts.protect !== !!opts.retainOnDelete)).toEqual([]);
    expect(volumes.filter((one) => kept.includes(one) === dataless.test(one.name))).toEqual([]);
    expect(kept.length).toBeGreaterThan(0);
  });

  it("has no secret in an environment, a label or a command", () => {
    const open = ["envs", "labels", "command", "entrypoints", "healthcheck"];
    const secret = containers.flatMap(({ name: own, secrets, inputs }) =>
      open
        .filter((key) => secrets.includes(key) || secretWords.test(JSON.stringify(inputs[key])))
        .map((key) => `${own}: ${key}`),
    );
    expect(secret).toEqual([]);
    // So the words are those that the containers get, in files.
    expect(containers.some(({ inputs }) => secretWords.test(JSON.stringify(inputs)))).toBe(true);
  });

  it("labels each container with its stack and its role", () => {
    const labelled = containers.map(({ inputs }) =>
      Object.fromEntries((inputs["labels"] ?? []).map(({ label, value }: any) => [label, value])),
    );
    for (const labels of labelled)
      expect(labels).toMatchObject({
        "laterbase.stack": name,
        "laterbase.role": expect.any(String),
      });
  });
});
