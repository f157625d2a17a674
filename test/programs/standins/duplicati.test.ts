import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { filesIn, versionsIn, writeVersion } from "../../../scripts/standins/duplicati/archive";
import { stored } from "../../../scripts/standins/duplicati/filters";
import { expired } from "../../../scripts/standins/duplicati/retention";
import { spanMs, stamp, timeOf } from "../../../scripts/standins/duplicati/spans";
import { Store } from "../../../scripts/standins/duplicati/store";
import { password, StandIn } from "../../support/unit/duplicatiServer";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "laterbase-duplicati-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content, { mode: 0o640 });
}

describe("an archive", () => {
  const odd = 'in/My Library "2024" é/20261121T030000Z/x.backup';
  const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i) % 251));

  async function archive(passphrase: string): Promise<string> {
    write(odd, content);
    write("in/empty", "");
    write(`in/${"long/".repeat(40)}name`, "long");
    const files = await filesIn([`${folder}/in/`], []);
    write("out/.duplicati-20261121T020000Z.tar.gz.part", "killed");
    const done: number[] = [];
    const onFile = (count: number) => done.push(count);
    const written = await writeVersion(join(folder, "out"), files, { passphrase, onFile });
    expect(done).toEqual([1, 2, 3]);
    expect(written.warnings).toEqual([]);
    expect(readdirSync(join(folder, "out"))).toEqual([written.name]);
    return join(folder, "out", written.name);
  }

  /** The documented command. */
  function unpack(file: string, passphrase: string): void {
    const decrypt = "openssl enc -d -aes-256-cbc -pbkdf2 -iter 100000 -pass env:PASS -in";
    const script = passphrase
      ? `${decrypt} '${file}' | tar -xz -C '${folder}'/back`
      : `tar -xzf '${file}' -C '${folder}'/back`;
    mkdirSync(join(folder, "back"), { recursive: true });
    execFileSync("bash", ["-o", "pipefail", "-c", script], {
      env: { ...process.env, PASS: passphrase },
      stdio: "ignore",
    });
  }

  it.each(["", 'Tr0ub4dor "é'])("unpacks byte for byte, with the passphrase %p", async (pass) => {
    const file = await archive(pass);
    expect(file).toMatch(pass ? /Z\.tar\.gz\.aes$/ : /Z\.tar\.gz$/);
    unpack(file, pass);
    expect(readFileSync(join(folder, "back", folder, odd)).equals(content)).toBe(true);
    expect(readFileSync(join(folder, "back", folder, "in/empty"), "utf8")).toBe("");
  });

  it("cannot be unpacked with another passphrase, and reveals nothing of its content", async () => {
    const file = await archive("Tr0ub4dor");
    expect(() => unpack(file, "another")).toThrow();
    expect(readFileSync(file).includes("backup")).toBe(false);
  });

  it("lacks a file that was removed meanwhile, and says so", async () => {
    write("in/a", "a");
    write("in/b", "b");
    const files = await filesIn([`${folder}/in/`], []);
    rmSync(join(folder, "in/a"));
    const options = { passphrase: "", onFile: () => undefined };
    const { warnings, name } = await writeVersion(join(folder, "out"), files, options);
    expect(warnings).toEqual([expect.stringMatching(/^Failed to process path: .*\/in\/a: ENOENT/)]);
    unpack(join(folder, "out", name), "");
    expect(readdirSync(join(folder, "back", folder, "in"))).toEqual(["b"]);
  });

  it("has a name of its own, even within the same second", async () => {
    write("in/a", "a");
    const files = await filesIn([join(folder, "in/a")], []);
    const options = { passphrase: "", onFile: () => undefined };
    for (let i = 0; i < 3; i++) await writeVersion(join(folder, "out"), files, options);
    expect(await versionsIn(join(folder, "out"))).toHaveLength(3);
  });
});

it.each([
  ["/backups/.partial/", ["-/backups/.partial/"], false],
  ["/backups/x/y.backup", ["-/backups/.partial/"], true],
  ["/backups/x/y.tmp", ["-*.tmp"], false],
  ["/backups/x.y", ["+*.y", "-*"], true],
  ["/backups/x.z", ["+*.y", "-*"], false],
  ["/backups/x.z", ["+*.y"], false],
  ["/backups/folder/", ["+*.y"], true],
  ["/backups/a(1)", ["-/backups/a(1)"], false],
  ["/backups/7", ["-[.*/\\d]"], false],
])("%s with the filters %p is stored: %p", (path, filters, expected) => {
  const parsed = filters.map((text, Order) => ({
    Order,
    Include: text.startsWith("+"),
    Expression: text.slice(1),
  }));
  expect(stored(path, parsed)).toBe(expected);
});

describe("retention", () => {
  const now = new Date("2026-11-21T12:00:00Z");
  const ago = (hours: number) => new Date(now.getTime() - hours * 3600_000);
  const left = (hours: number[], policy: string) => {
    const gone = expired(hours.map(ago), policy, now).map((time) => time.getTime());
    return hours.filter((hour) => !gone.includes(ago(hour).getTime()));
  };

  it("keeps the oldest of each interval, and always the newest of all", () => {
    expect(left([1, 5, 20, 30, 47, 50], "1W:1D")).toEqual([1, 20, 50]);
    expect(left([400], "1W:1D")).toEqual([400]);
    expect(left([1, 2, 400], "1W:1D")).toEqual([1, 2]);
    expect(left([1, 2, 3], "")).toEqual([1, 2, 3]);
    expect(left([1, 2, 400], "1D:U")).toEqual([1, 2]);
    expect(left([1, 2, 3, 9600], "U:1D")).toEqual([1, 3, 9600]);
  });

  it("thins out a year of daily archives to days, weeks and months", () => {
    // One archive a day, with the policy applied after each.
    let kept: Date[] = [];
    for (let day = 0; day < 400; day++) {
      const today = new Date(Date.UTC(2026, 0, 1 + day, 3));
      kept.push(today);
      const gone = expired(kept, "1W:1D,4W:1W,12M:1M", today);
      kept = kept.filter((time) => !gone.includes(time));
    }
    const last = Date.UTC(2026, 0, 400, 3);
    const ages = kept.map((time) => (last - time.getTime()) / 86400_000).reverse();
    expect(ages.slice(0, 8)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(ages.filter((age) => age > 7 && age <= 28).length).toBeGreaterThanOrEqual(2);
    expect(ages.filter((age) => age > 28).length).toBeGreaterThanOrEqual(8);
    expect(ages.at(-1)).toBeGreaterThan(300);
    expect(ages.at(-1)).toBeLessThanOrEqual(360);
  });

  it("reads spans and stamps", () => {
    expect(spanMs("1M4D3m")).toBe((34 * 86400 + 180) * 1000);
    expect(spanMs("90")).toBe(90_000);
    expect(() => spanMs("1d")).toThrow("not a span of time: 1d");
    expect(timeOf(stamp(now))).toEqual(now);
  });
});

describe("the database", () => {
  const file = () => join(folder, "data/db.json");

  it("with a key is encrypted, and opens with that key only", () => {
    const store = new Store(file(), "key");
    store.content.lastId = 7;
    store.content.jobs.push({ TargetURL: "s3://hush" } as never);
    store.save();
    expect(readFileSync(file(), "utf8")).not.toContain("hush");
    expect(new Store(file(), "key").content.lastId).toBe(7);
    expect(() => new Store(file(), undefined)).toThrow(
      "The database is encrypted, but SETTINGS_ENCRYPTION_KEY is not set: set it to the key that was used before.",
    );
    expect(() => new Store(file(), "other")).toThrow(
      "SETTINGS_ENCRYPTION_KEY is not the key that the database was encrypted with.",
    );
  });

  it("is encrypted as soon as there is a key", () => {
    new Store(file(), undefined).save();
    expect(readFileSync(file(), "utf8")).toContain("lastId");
    expect(new Store(file(), "key").content.lastId).toBe(0);
    expect(readFileSync(file(), "utf8")).not.toContain("lastId");
  });
});

describe("the interface", () => {
  let standIn: StandIn;
  let token = "";
  beforeEach(async () => {
    standIn = await new StandIn().start({ hosts: ["laterbase-dev-duplicati"] });
    token = (await ask("POST", "auth/login", { Password: password })).body.AccessToken;
  });
  afterEach(() => standIn.dispose());

  async function ask(method: string, path: string, body?: unknown) {
    const response = await fetch(`${standIn.url}/api/v1/${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, Connection: "close" },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  }

  const job = (changes = {}) => ({
    Backup: {
      Name: "Job",
      TargetURL: "s3://b/x?aws-secret-access-key=hush&use-ssl=true",
      Sources: ["/backups/"],
      Settings: [{ Name: "passphrase", Value: "Tr0ub4dor" }],
      ...changes,
    },
    Schedule: null,
  });

  it("serves health and page without a login, and the rest with one", async () => {
    expect(await (await fetch(`${standIn.url}/health`)).text()).toBe("Healthy");
    expect(await (await fetch(standIn.url)).text()).toContain("This is not Duplicati");
    token = "";
    expect((await ask("GET", "backups")).status).toBe(401);
    expect(await ask("POST", "auth/login", { Password: "no" })).toEqual({
      status: 401,
      body: { Error: "Failed to log in", Code: 401 },
    });
  });

  it.each([
    ["laterbase-dev-duplicati:8200", 401],
    ["LOCALHOST", 401],
    ["192.168.1.5:8200", 401],
    ["[::1]:8200", 401],
    ["evil.example", 403],
  ])("called as %s answers %i", async (Host, status) => {
    // fetch does not let the caller set the host name.
    const { request } = await import("node:http");
    const options = { headers: { Host, Connection: "close" } };
    const seen = await new Promise((resolve) =>
      request(`${standIn.url}/api/v1/backups`, options, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).end(),
    );
    expect(seen).toBe(status);
  });

  it("creates a job once, masks its secrets, and keeps values that come back masked", async () => {
    expect(await ask("POST", "backups", job())).toEqual({
      status: 200,
      body: { ID: "1", Temporary: false },
    });
    expect(await ask("POST", "backups", job({ Name: "JOB" }))).toMatchObject({
      status: 409,
      body: { Error: "There already exists a backup with the name: JOB" },
    });
    const { body } = await ask("GET", "backup/1");
    const mask = "***************";
    expect(body.Backup).toMatchObject({
      TargetURL: `s3://b/x?aws-secret-access-key=${mask}&use-ssl=true`,
      Settings: [{ Name: "passphrase", Value: mask }],
    });
    expect(await ask("PUT", "backup/1", { ...body, Schedule: null })).toEqual({ status: 200 });
    expect(standIn.store.job("1")).toMatchObject({
      TargetURL: "s3://b/x?aws-secret-access-key=hush&use-ssl=true",
      Settings: [{ Value: "Tr0ub4dor" }],
    });
    expect((await ask("GET", "backup/2")).status).toBe(404);
    expect((await ask("DELETE", "backup/1")).body).toMatchObject({ Status: "OK" });
    expect((await ask("GET", "backups")).body).toEqual([]);
  });

  it.each([
    [{ Name: "" }, "Missing a name"],
    [{ TargetURL: "" }, "Missing a target"],
    [{ Sources: [] }, "Invalid source list"],
    [{ Settings: [] }, "Missing passphrase"],
    [
      { Settings: [{ Name: "passphrase", Value: "*****" }] },
      "Settings is password placeholder value",
    ],
  ])("refuses %j: %s", async (changes, Error) => {
    expect(await ask("POST", "backups", job(changes))).toEqual({
      status: 400,
      body: { Error, Code: 400 },
    });
  });

  it("runs a job once at a time, lists its tasks, and can be paused", async () => {
    standIn.dump("x/20261121T030000Z");
    await ask(
      "POST",
      "backups",
      job({ TargetURL: `file://${standIn.archive}`, Sources: [standIn.backups] }),
    );
    expect((await ask("GET", "progressstate")).status).toBe(404);
    await ask("POST", "serverstate/pause");
    expect((await ask("POST", "backup/1/run")).body).toEqual({ Status: "OK", ID: 1 });
    expect((await ask("POST", "backup/1/start")).body).toEqual({ Status: "OK", ID: 1 });
    expect((await ask("GET", "backup/1/isactive")).body).toEqual({ Status: "OK", Active: true });
    expect((await ask("GET", "task/1")).body).toMatchObject({ Status: "Waiting" });
    expect((await ask("GET", "serverstate")).body).toMatchObject({
      ProgramState: "Paused",
      ActiveTask: null,
      SchedulerQueueIds: [{ Item1: 1, Item2: "1" }],
    });
    await ask("POST", "serverstate/resume");
    let state: { Status?: string } = {};
    while (state.Status !== "Completed") {
      ({ body: state } = await ask("GET", "task/1"));
      expect(state.Status).not.toBe("Failed");
    }
    expect((await ask("GET", "tasks")).body).toEqual([]);
    expect((await ask("GET", "progressstate")).body).toMatchObject({
      TaskID: 1,
      Phase: "Backup_Complete",
      OverallProgress: 1,
    });
    const [row] = (await ask("GET", "backup/1/log")).body;
    expect(row).toMatchObject({ ID: 1, Type: "Result", Exception: null });
    expect(JSON.parse(row.Message)).toMatchObject({
      MainOperation: "Backup",
      ParsedResult: "Success",
      AddedFiles: 2,
    });
    expect((await ask("GET", "backup/1")).body.Backup.Metadata).toMatchObject({
      BackupListCount: "1",
      SourceFilesCount: "2",
    });
  });
});
