import { lookAtStandby, rebuildStandby } from "../../../scripts/cli/servers/rebuild";
import { type Box, caughtUp, Lab } from "../../support/imageLab";

// A new clone of a standby by the operator's command, in the states in which somebody asks for one.
const lab = new Lab(17);
let primary: Box, standby: Box;
jest.setTimeout(180_000);

beforeAll(async () => {
  await lab.open();
  primary = await lab.primary({
    init: { "01.sql": "CREATE TABLE t AS SELECT g AS n FROM generate_series(1, 1000000) g" },
  });
  await primary.until("running");
  await lab.prepare(primary);
  standby = await lab.standby();
  await standby.until("running");
}, 300_000);
afterAll(() => lab.dispose(), 60_000);

const clone = () => standby.bash("stat -c '%W %i' standby/data/PG_VERSION");
const left = () => standby.bash("ls standby | tr '\\n' ' '");

async function rebuilt(kind: "keep" | "discard"): Promise<string[]> {
  const before = await clone();
  const said: string[] = [];
  await rebuildStandby({ name: standby.name }, kind, (turn) => said.push(turn));
  expect(await clone()).not.toBe(before);
  expect(await left()).toBe("data");
  await primary.sql("INSERT INTO t VALUES (0)", "app");
  await caughtUp(primary, standby);
  const rows = "SELECT count(*) FROM t";
  expect(await standby.sql(rows, "app")).toBe(await primary.sql(rows, "app"));
  return said;
}

it("says what a person must know before it", async () => {
  const look = await lookAtStandby({ name: standby.name });
  expect(look).toEqual({
    dataKb: expect.any(Number),
    freeKb: expect.any(Number),
    clients: 0,
    ...{ promoted: false, wanted: false, failures: 0 },
  });
  expect([look.dataKb > 30_000, look.freeKb > look.dataKb]).toEqual([true, true]);
});

it("lets clients read the old data until the new clone is there", async () => {
  let reads = 0;
  let running = true;
  const reader = (async () => {
    while (running) {
      const state = await standby.status();
      const read = await standby.sql("SELECT count(*) FROM t", "app").catch(() => "");
      if (state.state === "recloning" && read !== "") reads++;
    }
  })();
  const said = await rebuilt("keep");
  running = false;
  await reader;
  expect(reads).toBeGreaterThan(0);
  // How long each state lasts depends on the machine, so one may pass between two looks.
  expect(said).toContainEqual(expect.stringMatching(/^recloning/));
});

it("deletes the data first when it is told to", async () => {
  await rebuilt("discard");
});

it("goes on after the container was killed in the middle", async () => {
  const before = await clone();
  await standby.bash("laterbase-rebuild keep");
  await standby.until("recloning");
  await standby.container.kill();
  await standby.container.start();
  await standby.until((status) => status.state === "running", 60);
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    if (!(await lookAtStandby({ name: standby.name })).wanted) break;
    await new Promise((done) => setTimeout(done, 200));
  }
  await standby.until("running");
  expect(await clone()).not.toBe(before);
});

it("names why it cannot, and keeps answering reads", async () => {
  const before = await clone();
  await primary.sql("ALTER ROLE repl PASSWORD 'another'");
  const failed = rebuildStandby({ name: standby.name }, "keep", () => undefined);
  await standby.until(({ detail }) => /password/.test(detail), 60);
  expect(await standby.sql("SELECT count(*) > 0 FROM t", "app")).toBe("t");
  expect(await clone()).toBe(before);
  await primary.sql(`ALTER ROLE repl PASSWORD '${lab.secrets.replication}'`);
  await failed;
  expect(await clone()).not.toBe(before);
});

it("refuses nothing to a standby that is blocked by another cluster", async () => {
  await primary.stop();
  const impostor = await lab.primary({ name: "new", init: { "01.sql": "CREATE TABLE t (n int)" } });
  await impostor.until("running");
  await lab.prepare(impostor);
  const network = lab.network();
  await network.disconnect({ Container: impostor.name });
  await network.connect({ Container: impostor.name, EndpointConfig: { Aliases: ["primary"] } });
  await standby.until("blocked", 60);
  primary = impostor;
  await rebuilt("keep");
});

it("sees that a standby was promoted", async () => {
  await standby.sql("SELECT pg_promote()");
  expect((await lookAtStandby({ name: standby.name })).promoted).toBe(true);
});
