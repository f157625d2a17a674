import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { posixRepository } from "../../contract/pgBackRest";
import { drawn, exactly, kinds } from "../support/drawnTargets";
import { RestoreLab } from "../support/restoreLab";

describe("a restore beside the primary", () => {
  const lab = new RestoreLab(17);
  let password = "";

  beforeAll(async () => {
    await lab.open();
    await lab.load(0, 150);
    await lab.backups.run("incr");
    await lab.load(150, 150);
    const point = await lab.laterbase(["restore-point", "before_release"]);
    expect([point.code, point.result["archived"]]).toEqual([0, [{ repository: 1 }]]);
    await lab.load(300, 10);
    await lab.backups.run("check");
    password = lab.backups.lab.secrets.superuser;
  }, 600_000);
  afterAll(() => lab.dispose(), 600_000);

  const removed = async () => {
    expect((await lab.laterbase(["restore", "--remove", "--yes"])).result).toEqual({
      removed: true,
    });
    expect(await lab.left()).toEqual([]);
  };

  it("has the state at a restore point, listens for its login alone, and pushes no WAL", async () => {
    const { code, result, progress } = await lab.laterbase([
      "restore",
      "--to-name",
      "before_release",
    ]);
    expect([code, progress.filter((line) => line.startsWith("laterbase:"))]).toEqual([0, []]);
    expect(await lab.rows(lab.restored)).toBe(exactly(300));
    expect(result["timeline"]).toBe(2);
    const port = result["port"] as number;
    const login = { host: "127.0.0.1", port, user: "postgres", database: "app" };
    const client = new Client({ ...login, password });
    await client.connect();
    await client.query("INSERT INTO moves VALUES (1000)");
    await client.end();
    await expect(new Client({ ...login, password: "another" }).connect()).rejects.toThrow(
      "password authentication failed",
    );

    // The settings of a person change nothing, after a restart either.
    await lab.restored.sql("ALTER SYSTEM SET archive_mode = on");
    await lab.restored.sql(
      `ALTER SYSTEM SET archive_command = 'pgbackrest --stanza=main archive-push "%p"'`,
    );
    await lab.restored.container.restart();
    await lab.restored.until("running");
    expect(await lab.restored.sql("SHOW archive_mode")).toBe("off");
    expect(await lab.restored.sql("SHOW max_worker_processes")).toBe("0");
    await lab.restored.sql("SELECT pg_switch_wal()");
    const pushed = await lab.restored.exec(
      ...["pgbackrest", "--stanza=main", "archive-push", "pg_wal/00000002.history"],
    );
    expect(pushed.code).not.toBe(0);
    expect(await lab.archived("00000002")).toEqual([]);
    expect((await lab.restored.container.inspect()).NetworkSettings.Networks).not.toHaveProperty(
      lab.prefix,
    );
    expect(await lab.rows(lab.primary)).toBe(exactly(310));
  }, 600_000);

  it("is refused while there is one, or when the port is taken, and --remove takes it away", async () => {
    const again = await lab.laterbase(["restore", "--to-name", "before_release"]);
    expect([again.code, again.result["error"]]).toEqual([
      4,
      expect.stringMatching(
        /^There is a restored server already: \S+-restored at 127\.0\.0\.1:\d+, with the restore point "before_release"\. 'npm run laterbase -- restore --remove --stack \S+' removes it\.$/,
      ),
    ]);
    await removed();
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
    const { port } = holder.address() as { port: number };
    const taken = await lab.laterbase(["restore", "--port", String(port)]);
    holder.close();
    expect([taken.code, taken.result["error"], await lab.left()]).toEqual([
      4,
      expect.stringContaining(`something has ${port}`),
      [],
    ]);
  }, 600_000);

  it.each([...kinds, "time"] as const)(
    "lands on exactly the right rows by a drawn %s",
    async (kind) => {
      const { words, rows } = await drawn(lab, kind, [1, 299]);
      const { code, result } = await lab.laterbase(["restore", ...words]);
      expect([words, code, result["error"]]).toEqual([words, 0, undefined]);
      expect([words, await lab.rows(lab.restored)]).toEqual([words, exactly(rows)]);
      await removed();
    },
    60_000,
  );

  it("dumps one database of the newest state into a file, and leaves nothing else", async () => {
    const folder = mkdtempSync(join(tmpdir(), "lbt-restore-"));
    const before = process.cwd();
    process.chdir(folder);
    try {
      const { code, result } = await lab.laterbase(["restore", "--database", "app"]);
      expect([code, result["error"], readdirSync(folder)]).toEqual([
        ...[0, undefined],
        [expect.stringMatching(/^app-restored-\d{8}T\d{6}Z\.dump$/)],
      ]);
      const file = result["file"] as string;
      expect([statSync(file).mode & 0o777, statSync(file).size]).toEqual([0o600, result["bytes"]]);
      expect(await lab.left()).toEqual([]);
    } finally {
      process.chdir(before);
      rmSync(folder, { recursive: true });
    }
  }, 600_000);

  it("names the file that is damaged, and leaves nothing", async () => {
    const set = (await lab.backups.list())[0]!.backups.at(-1)!.label;
    const path = await lab.primary.sql("SELECT pg_relation_filepath('moves')", "app");
    const file = `${posixRepository(1)}/backup/main/${set}/pg_data/${path}.lz4`;
    const flip = `byte=$(od -An -tu1 -j40 -N1 ${file}) && printf "\\$(printf %03o $((byte ^ 255)))" |
      dd of=${file} bs=1 seek=40 conv=notrunc status=none`;
    expect((await lab.backups.agent.exec("bash", "-c", flip)).code).toBe(0);
    const { code, result } = await lab.laterbase(["restore", "--immediate", "--set", set]);
    expect([code, result["error"]]).toEqual([1, expect.stringContaining(path)]);
    expect(await lab.left()).toEqual([]);
    await lab.backups.agent.exec("bash", "-c", flip);
  }, 600_000);

  it("refuses a name that a restore point has, and one that cannot be one", async () => {
    const again = await lab.laterbase(["restore-point", "before_release"]);
    expect([again.code, again.result["error"]]).toEqual([
      1,
      expect.stringMatching(
        /^There is a restore point "before_release" already, of \S+Z: choose another name\.$/,
      ),
    ]);
    expect((await lab.laterbase(["restore-point", "it's"])).code).toBe(2);
  });

  it("shows its time in the next plan", async () => {
    const { result } = await lab.laterbase(["restore", "--dry-run"]);
    expect(result["estimate"]).toEqual({ seconds: expect.any(Number), by: "restores" });
  });
});
