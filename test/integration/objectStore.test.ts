import { makeAuthority } from "../../scripts/steps/tls/certificates";
import { ObjectStoreLab } from "../support/objectStoreLab";
import { ok, until } from "../support/process";
import { RepositoryLab } from "../support/repositoryLab";

// The component's own inputs and steps on a real engine, and pgBackRest's real client. That `up` makes the
// same of them, and what its absence does to a whole stack, the trials of the group backups look at.
jest.setTimeout(600_000);

const lab = new RepositoryLab();
let store: ObjectStoreLab;

const keys = { encryption: { passphrase: "of the test" }, repositories: [{ type: "objectStore" }] };
const backups = async () => {
  const [stanza] = JSON.parse(await lab.done("--output=json", "info")) as { backup: unknown[] }[];
  return stanza!.backup.length;
};

beforeAll(async () => {
  await lab.open();
  store = await new ObjectStoreLab(lab.prefix, lab.image).open();
  await lab.configure(keys, { objectStore: store.target() });
  await lab.fill("kept", 20_000);
}, 600_000);
afterAll(async () => {
  await store?.dispose();
  await lab.dispose();
}, 600_000);

it("keeps an encrypted repository, from which bare pgbackrest restores every row", async () => {
  await lab.done("stanza-create");
  await lab.done("--type=full", "backup");
  await lab.fill("later", 5000);
  await lab.done("--type=incr", "backup");
  await lab.fill("after_the_backup", 100);
  await lab.done("check");
  const sums = (socket?: string) =>
    Promise.all(["kept", "later", "after_the_backup"].map((table) => lab.checksum(table, socket)));
  const wanted = await sums();
  expect(wanted[0]).toMatch(/^20000\|/);
  expect(await lab.restored(1, sums)).toEqual(wanted);
  // Its objects are files, and their content cannot be read.
  const { container } = store;
  const file = "/data/homelab-backups/pgbackrest/backup/main/backup.info";
  expect((await ok("docker", ["exec", container, "head", "-c", "8", file])).toString()).toBe(
    "Salted__",
  );
});

it("may be away for a minute under load: the primary works, and nothing is lost", async () => {
  const pgbench = "/usr/lib/postgresql/17/bin/pgbench -h /run/pg/primary";
  const tables = ["accounts", "branches", "history", "tellers"].map((one) => `pgbench_${one}`);
  const sums = (socket?: string) => Promise.all(tables.map((table) => lab.checksum(table, socket)));
  await lab.sh(`${pgbench} -i -q -s 2 postgres 2>/dev/null`);
  await ok("docker", ["stop", "--time", "1", store.container]);
  const load = lab.sh(`${pgbench} -n -c 4 -R 200 -P 5 -T 60 postgres 2>&1`);
  const waiting = "SELECT count(*) FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'";
  await lab.sql("SELECT pg_switch_wal()");
  const rates = [...(await load).matchAll(/^progress: [\d.]+ s, ([\d.]+) tps/gm)];
  expect(rates.length).toBeGreaterThanOrEqual(11);
  expect(rates.filter(([, tps]) => Number(tps) === 0)).toEqual([]);
  expect(Number(await lab.sql(waiting))).toBeGreaterThan(0);
  await ok("docker", ["start", store.container]);
  await store.ready();
  const last = await lab.sql("SELECT pg_walfile_name(pg_switch_wal())");
  await until(`${last} is in the repository`, async () => {
    type Stanza = { archive: { max: string }[] };
    const [stanza] = JSON.parse(await lab.done("--output=json", "info")) as Stanza[];
    return (stanza?.archive.at(-1)?.max ?? "") >= last;
  });
  expect(await lab.restored(1, sums)).toEqual(await sums());
});

it("shows a certificate of its authority, with its names and addresses, for ten years", async () => {
  const said = await lab.sh(
    `openssl s_client -connect ${store.container}:7070 -verify_return_error -verify_hostname ${store.container} \
       -CAfile /etc/pgbackrest/repo1-ca.crt </dev/null 2>/dev/null | openssl x509 -noout -ext subjectAltName -enddate`,
  );
  expect(said).toContain(
    `DNS:${store.container}, DNS:object-store, DNS:localhost, IP Address:127.0.0.1\n`,
  );
  const [, end = ""] = /notAfter=(.*)/.exec(said)!;
  const years = (new Date(end).getTime() - Date.now()) / 86_400_000 / 365.25;
  expect(years).toBeCloseTo(10, 1);
});

it("is refused by [095] where it has another authority", async () => {
  const ca = (content: string) => lab.write({ name: "repo1-ca.crt", content, mode: "0644" });
  await ca((await makeAuthority("another")).certificate);
  // It tries again until that time is over.
  const words = ["--io-timeout=1", "--log-level-console=warn", "check"];
  const { code, stdout, stderr } = await lab.pgBackRest(...words);
  expect(stdout + stderr).toContain("[095]");
  expect(code).toBe(95);
  await ca(store.ca);
  await lab.done("check");
});

it("takes another key by a restart, refuses the old one, and keeps what it has", async () => {
  await store.rotate("anotheraccesskey", "anothersecretkey");
  expect(
    (await lab.pgBackRest("--io-timeout=1", "--log-level-console=off", "check")).code,
  ).not.toBe(0);
  await lab.configure(keys, { objectStore: store.target() });
  await lab.done("check");
  expect(await backups()).toBe(2);
});

it("gets another bucket while it runs, and keeps the old one", async () => {
  await store.makeBucket("second");
  await lab.configure(keys, { objectStore: store.target("second") });
  await lab.done("stanza-create");
  await lab.done("check");
  await store.makeBucket();
  expect((await store.sh("ls /data")).trim().split("\n")).toEqual(["homelab-backups", "second"]);
  await lab.configure(keys, { objectStore: store.target() });
  expect(await backups()).toBe(2);
});

it("is healthy, and its secrets are in files that only its user reads", async () => {
  expect(await store.sh("laterbase-health")).toBe('{"state":"running","detail":"","since":""}\n');
  expect(await store.sh("cd /etc/laterbase && stat -c '%a %u %n' *key")).toBe(
    "400 999 access-key\n400 999 certificate.key\n400 999 secret-key\n",
  );
  const shown = [
    await ok("docker", ["inspect", store.container]),
    await ok("docker", ["logs", store.container]),
    await ok("docker", ["top", store.container, "-eo", "pid,args"]),
  ].join();
  for (const secret of [store.secretKey, store.accessKey, "PRIVATE KEY"])
    expect(shown).not.toContain(secret);
});
