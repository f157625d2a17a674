import { OldProgram, oldCommit } from "../../support/oldProgram";
import { doAll, ok } from "../../support/process";
import { Stranger, superuser, superuserPassword } from "../../support/primaryServer";
import { Stack } from "../../support/stack";

jest.setTimeout(900_000);

// The state names programs of the former checkout, such as scripts/primary/inContainer.ts. Destroy runs
// those commands in this checkout, so their paths have to stay.
const old = new OldProgram();
const stack = new Stack("t-upgrade-destroy");
const subnet = "10.213.29";
const server = new Stranger(13, {
  network: ["--subnet", `${subnet}.0/24`],
  docker: ["--publish", `${subnet}.1:5432:5432`],
});
let before: Record<string, string>;

beforeAll(async () => {
  await old.checkOut();
  await server.start();
  before = await server.snapshot();
  await stack.configure(
    {
      primary: {
        kind: "external",
        host: `${subnet}.1`,
        version: 13,
        superuser: { name: superuser },
        databases: ["postgres"],
        allowFrom: [`${subnet}.0/24`],
      },
      standbys: [{ name: "standby", port: 18280 }],
      dumps: { schedule: "@yearly", retentionDays: 1, retentionCount: 1 },
    },
    { "primary.superuser.password": superuserPassword },
  );
  stack.use(old.folder);
  await stack.up();
  stack.use();
});

afterAll(async () => {
  await doAll(
    () => stack.remove(),
    () => server.stop(),
    () => old.remove(),
  );
});

it(`destroys the stack of commit ${oldCommit}, and leaves the primary as it was`, async () => {
  await stack.destroy("--exclude-protected");
  const label = `label=laterbase.stack=${stack.name}`;
  expect(await ok("docker", ["ps", "--all", "--quiet", "--filter", label])).toBe("");
  expect(await server.snapshot()).toEqual(before);
});

it("takes over the stack of an external primary, and leaves that as it was, too", async () => {
  stack.use(old.folder);
  await stack.up();
  stack.use();
  await stack.up();
  await stack.preview("--expect-no-changes");
  await stack.destroy("--exclude-protected");
  expect(await server.snapshot()).toEqual(before);
});
