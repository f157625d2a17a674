import * as pulumi from "@pulumi/pulumi";
import { declared } from "../../support/stackProgram";

type Registering = { registerOutputs(outputs?: object): void };

/** By component, the names of what it registered itself; and what was made in one afterwards. */
async function registered(name: "dev" | "editor") {
  const outputs = new Map<pulumi.Resource, string[] | undefined>();
  const late: string[] = [];
  const prototype = pulumi.ComponentResource.prototype as unknown as Registering;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own `this` below
  const original = prototype.registerOutputs;
  jest.spyOn(prototype, "registerOutputs").mockImplementation(function (
    this: pulumi.ComponentResource,
    given?: object,
  ) {
    // Pulumi's base class calls it once more, without outputs.
    if (!outputs.has(this)) outputs.set(this, given && Object.keys(given).sort());
    original.call(this, given);
  });
  const made = await declared(name, () =>
    pulumi.runtime.registerStackTransformation(({ name: child, opts }) => {
      if (opts.parent && outputs.has(opts.parent)) late.push(child);
      return undefined;
    }),
  );
  const typeOf = (resource: pulumi.Resource) =>
    (resource as unknown as { __pulumiType: string }).__pulumiType;
  const ours = [...outputs].filter(([resource]) => typeOf(resource).startsWith("laterbase:"));
  const components = made.filter(({ type }) => type.startsWith("laterbase:"));
  expect(ours).toHaveLength(components.length);
  return { late, outputs: ours.map(([one, keys]) => [typeOf(one).split(":").at(-1), keys]) };
}

afterEach(() => jest.restoreAllMocks());

it("is the last thing that every component of stack dev does", async () => {
  const { late, outputs } = await registered("dev");
  expect(late).toEqual([]);
  expect(Object.fromEntries(outputs)).toEqual({
    HealthMonitor: ["url"],
    PgBackRest: [],
    Primary: ["host"],
    PgBouncer: ["address"],
    SuperuserLogin: [],
    PoolerConfiguration: [],
    PreparedPrimary: ["host", "port", "slots", "user"],
    Standby: ["address"],
    PgAdmin: ["url"],
    Duplicati: ["url"],
    PgBackRestConfiguration: [],
    Applications: ["roles"],
    OwnerLogins: [],
    BackupAgent: ["containerName"],
    UploadJob: [],
    Scheduler: ["containerName"],
    Laterbase: ["primary", "standbys"],
  });
});

it("is the last thing that every component of an external primary's stack does", async () => {
  const { late, outputs } = await registered("editor");
  expect(late).toEqual([]);
  expect(outputs.map(([, keys]) => keys)).not.toContain(undefined);
});
