import { emulators } from "../../support/emulators";
import { RepositoryLab } from "../../support/repositoryLab";

// Azure and Google's storage as pgBackRest speaks to them, at emulators of theirs: the configuration is the
// program's, the commands are bare pgBackRest's. What the real services do else, such as throttle, nobody
// emulates.
jest.setTimeout(300_000);

const lab = new RepositoryLab();
const table = "kept";

beforeAll(async () => {
  await lab.open();
  await lab.fill(table, 20_000);
}, 600_000);
afterAll(() => lab.dispose(), 60_000);

describe.each(emulators)("%s", (name, Emulator) => {
  const emulator = new Emulator(lab);

  beforeAll(() => emulator.open(), 600_000);
  afterAll(() => emulator.dispose(), 60_000);

  it("takes a full and an incremental backup and WAL, encrypted, and gives every row back", async () => {
    await lab.configure({
      encryption: { passphrase: "of the trial" },
      repositories: [emulator.repository],
    });
    await emulator.configured();
    await lab.done("stanza-create");
    await lab.done("check");
    await lab.done("--type=full", "backup");
    await lab.fill(`after_${name}`, 1000);
    await lab.done("--type=incr", "backup");
    await lab.fill(`last_${name}`, 100);
    await lab.done("check");
    const sums = (socket?: string) =>
      Promise.all([table, `after_${name}`, `last_${name}`].map((one) => lab.checksum(one, socket)));
    const wanted = await sums();
    expect(wanted.map((sum) => sum.split("|")[0])).toEqual(["20000", "1000", "100"]);
    expect(await lab.restored(1, sums)).toEqual(wanted);
  });

  it("has no damage, and expires a backup that is too old", async () => {
    // Its exit code says nothing.
    expect(await lab.done("--output=text", "--verbose", "verify")).toContain("status: ok");
    await lab.done("--type=full", "backup");
    await lab.done("--repo1-retention-full=1", "expire");
    const [stanza] = JSON.parse(await lab.done("--output=json", "info"));
    expect(stanza.backup.map(({ type }: { type: string }) => type)).toEqual(["full"]);
  });
});
