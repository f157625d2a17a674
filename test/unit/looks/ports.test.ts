import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import type { PortLook } from "../../../contract/looks";
import type { Seen } from "../../../scripts/steps/look/engine";
import { type Machine, machineOf, thisMachine } from "../../../scripts/steps/look/machine";
import { namesTaken, type Neighbours, portsTaken } from "../../../scripts/steps/look/ports";

const port = (change: Partial<PortLook> = {}): PortLook => ({
  key: "laterbase:standbys[0].port",
  port: 8009,
  address: "127.0.0.1",
  addressKey: "laterbase:bindAddress",
  container: "laterbase-dev-standby",
  ...change,
});

const container = (name: string, change: Partial<Seen> = {}): Seen => ({
  name,
  running: true,
  image: "sha256:1",
  ports: [],
  ...change,
});
const at = (number: number, address = "127.0.0.1") => ({ ports: [{ address, port: number }] });

/** A machine of one interface where programs listen, as `address:port`. */
function machine(...listening: string[]): Machine {
  const addresses = ["192.168.1.5"];
  return {
    addressesLike: () => addresses,
    trial: (address, number) =>
      Promise.resolve(
        listening.includes(`${address}:${number}`)
          ? "taken"
          : ["127.0.0.1", "0.0.0.0", ...addresses].includes(address)
            ? "free"
            : "elsewhere",
      ),
    free: () => Promise.resolve(undefined),
  };
}

const beside = (seen: Seen[], change: Partial<Neighbours> = {}): Neighbours => ({
  stack: "dev",
  prefix: "laterbase-dev",
  where: "the local Docker engine",
  machine: machine(),
  seen,
  ...change,
});

const must =
  "laterbase:standbys[0].port must be a port that is free on 127.0.0.1 of the local Docker engine";

it.each<[string, Seen[], string]>([
  [
    "a container of others",
    [container("nginx", at(8009))],
    `${must}, such as 8010; it is 8009, which the container "nginx" has`,
  ],
  [
    "a container that listens on every address, with a neighbour on the next port",
    [container("nginx", at(8009, "0.0.0.0")), container("x", at(8010))],
    `${must}, such as 8011; it is 8009, which the container "nginx" has`,
  ],
  [
    "another stack of ours",
    [container("laterbase-prod-pooler", { stack: "prod", role: "pooler", ...at(8009) })],
    `${must}, such as 8010; it is 8009, which the container "laterbase-prod-pooler" of the stack "prod" has`,
  ],
  [
    "a part of this stack that goes only at the end, such as a standby that was renamed",
    [container("laterbase-dev-old", { stack: "dev", role: "old", ...at(8009) })],
    `${must}, such as 8010; it is 8009, which the container "laterbase-dev-old" of this stack has until this \`up\` has moved or removed it`,
  ],
  [
    "a stack of the same name of another project",
    [container("other-dev-pooler", { stack: "dev", role: "pooler", ...at(8009) })],
    `${must}, such as 8010; it is 8009, which the container "other-dev-pooler" of the stack "dev" has`,
  ],
])("refuses a port of %s", async (_who, seen, sentence) => {
  expect(await portsTaken([port()], beside(seen))).toEqual([sentence]);
});

it("refuses a port of another program, and suggests none that the stack itself will have", async () => {
  const wanted = [port(), port({ port: 8010, container: "laterbase-dev-pooler" })];
  const neighbours = beside([], { machine: machine("127.0.0.1:8009", "127.0.0.1:8011") });
  expect(await portsTaken(wanted, neighbours)).toEqual([
    `${must}, such as 8012; it is 8009, which another program there has`,
  ]);
});

it("leaves a container its own port, whether it is replaced or not", async () => {
  const own = container("laterbase-dev-standby", { stack: "dev", role: "standby", ...at(8009) });
  const listening = beside([own], { machine: machine("127.0.0.1:8009") });
  expect(await portsTaken([port()], listening)).toEqual([]);
});

it("leaves it also where it will listen on every address, but not where another program is", async () => {
  const own = container("laterbase-dev-standby", { stack: "dev", role: "standby", ...at(8009) });
  const wanted = [port({ address: "0.0.0.0" })];
  expect(await portsTaken(wanted, beside([own]))).toEqual([]);
  const other = beside([own], { machine: machine("192.168.1.5:8009") });
  expect(await portsTaken(wanted, other)).toEqual([
    "laterbase:standbys[0].port must be a port that is free on 0.0.0.0 of the local Docker engine, such as 8010; " +
      "it is 8009, which another program there has",
  ]);
});

it("lets containers on other addresses and other ports be", async () => {
  const seen = [container("a", at(8009, "192.168.1.5")), container("b", at(80, "0.0.0.0"))];
  expect(await portsTaken([port()], beside(seen))).toEqual([]);
});

it("refuses an address that the machine does not have", async () => {
  const wanted = [port({ address: "10.9.9.9", addressKey: "laterbase:standbys[0].bindAddress" })];
  expect(await portsTaken(wanted, beside([]))).toEqual([
    "laterbase:standbys[0].bindAddress must be an address of the machine of the local Docker engine, such as " +
      "127.0.0.1 or 0.0.0.0 (it has 192.168.1.5); it is 10.9.9.9",
  ]);
});

it("compares with containers only where the machine cannot be looked at", async () => {
  const neighbours = beside([container("nginx", at(8009))], { machine: undefined });
  expect(await portsTaken([port(), port({ port: 9000 })], neighbours)).toHaveLength(1);
});

it("refuses a name that a container has which is not this stack's", () => {
  const wanted = [{ key: "laterbase:standbys[0].name", name: "laterbase-dev-standby" }];
  const taken = (stack?: string) =>
    namesTaken(wanted, beside([container("laterbase-dev-standby", stack ? { stack } : {})]));
  expect(taken()).toEqual([
    "laterbase:standbys[0].name needs the name laterbase-dev-standby on the local Docker engine, which a container " +
      "has that is not this stack's; rename that one: docker rename laterbase-dev-standby laterbase-dev-standby-old",
  ]);
  // One that a killed `up` left is this stack's.
  expect(taken("dev")).toEqual([]);
});

describe("a machine elsewhere", () => {
  const said = `   0: 0100007F:1F48 00000000:0000 0A 00000000:00000000 00:00000000 00000000   999        0 31337 1 0000 100 0 0 10 0
   1: 0501A8C0:1F49 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 31338 1 0000 100 0 0 10 0
   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 1 1 0 100 0 0 10 0
   1: 00000000000000000000000001000000:1F4A 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 1 1 0 100 0 0 10 0
addresses 192.168.1.5 fd00::5
free 5368709120
`;
  const elsewhere = machineOf(said);

  it.each([
    ["127.0.0.1", 8008, "taken"],
    ["192.168.1.5", 8008, "free"],
    ["192.168.1.5", 8009, "taken"],
    // A socket on every IPv6 address takes IPv4 as well.
    ["127.0.0.1", 80, "taken"],
    ["::1", 8010, "taken"],
    ["127.0.0.1", 8010, "free"],
    ["10.9.9.9", 8010, "elsewhere"],
    ["0.0.0.0", 9000, "free"],
  ])("says of %s:%d: %s", async (address, number, expected) => {
    expect(await elsewhere.trial(address, number)).toBe(expected);
  });

  it("has addresses and room", async () => {
    expect(elsewhere.addressesLike("0.0.0.0")).toEqual(["192.168.1.5"]);
    expect(elsewhere.addressesLike("::")).toEqual(["fd00::5"]);
    expect(await elsewhere.free("/var/lib/docker")).toBe(5 * 1024 ** 3);
  });
});

describe("this machine", () => {
  let server: Server;
  beforeAll(
    () =>
      new Promise<void>((resolve) => {
        server = createServer().listen(0, "127.0.0.1", resolve);
      }),
  );
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it("knows a port that a program has, and an address that it does not have", async () => {
    const { port: taken } = server.address() as AddressInfo;
    expect(await thisMachine.trial("127.0.0.1", taken)).toBe("taken");
    expect(await thisMachine.trial("0.0.0.0", taken)).toBe("taken");
    expect(await thisMachine.trial("192.0.2.1", taken)).toBe("elsewhere");
    expect(await thisMachine.trial("127.0.0.1", 0)).toBe("free");
  });

  it("knows how much room there is, and says nothing of a folder that is in another machine", async () => {
    expect(await thisMachine.free("/")).toBeGreaterThan(0);
    expect(await thisMachine.free("/no/such/folder")).toBeUndefined();
  });
});
