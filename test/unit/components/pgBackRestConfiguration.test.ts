import * as pulumi from "@pulumi/pulumi";
import { parseConfig } from "../../../components";
import { needsPassphrase, repositoriesOf } from "../../../components/pgBackRest/repositories";
import { renderConfiguration } from "../../../components/pgBackRest/render";
import { option } from "../../../components/pgBackRest/text";
import { backed } from "../../support/badBackups";
import { promiseOf } from "../../support/mocks";

const store = {
  host: "laterbase-dev-object-store",
  port: 7070,
  bucket: "backups",
  region: "us-east-1",
  accessKey: pulumi.secret("AK"),
  secretKey: pulumi.secret("SK"),
  ca: pulumi.output("-----BEGIN CERTIFICATE-----\n"),
};

/** The files of a configuration by name, with their modes, and the names of those that are secret. */
async function rendered(change: object, { version = 17, standby = true } = {}) {
  const raw = { ...backed(change, version), objectStore: { port: 7070 } };
  const backups = parseConfig(raw, "f").backups!;
  const repositories = repositoriesOf(backups, version);
  const files = renderConfiguration({
    ...{ backups, repositories, version, standby, objectStore: store },
    role: "laterbase_dev_backups",
    passphrase: pulumi.secret("generated-passphrase"),
  });
  const texts: Record<string, string> = {};
  const secrets: string[] = [];
  for (const { name, content, mode } of files) {
    texts[`${name} ${mode}`] = await promiseOf(pulumi.output(content));
    if (await pulumi.isSecret(pulumi.output(content))) secrets.push(name);
  }
  return { texts, secrets };
}

const repo = async (...args: Parameters<typeof rendered>): Promise<string[]> =>
  (await rendered(...args)).texts["conf.d/repo.conf 0640"]!.trim().split("\n");

const s3 = { type: "s3", bucket: "homelab-backups", accessKey: "AK", secretKey: "s3 # cret" };
const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

describe("pgBackRest's configuration", () => {
  it("has the defaults of the documents, and both servers", async () => {
    const { texts, secrets } = await rendered({});
    expect(texts).toEqual({
      "pgbackrest.conf 0644": `[global]
lock-path=/tmp/pgbackrest
log-path=/var/lib/pgbackrest/log
log-level-file=info
process-max=4
compress-type=lz4
compress-level=3
start-fast=y
archive-async=y
archive-push-queue-max=4GB
spool-path=/var/spool/pgbackrest
archive-timeout=60
io-timeout=10

[main]
pg1-path=/var/lib/postgresql/primary/data
pg1-socket-path=/run/pg/primary
pg1-user=laterbase_dev_backups
pg1-database=postgres
pg2-path=/var/lib/postgresql/standby/data
pg2-socket-path=/run/pg/standby
pg2-user=laterbase_dev_backups
pg2-database=postgres
`,
      "conf.d/repo.conf 0640": `[global]
repo1-type=posix
repo1-path=/var/lib/pgbackrest/repo1
repo1-bundle=y
repo1-block=y
repo1-retention-full=7
repo1-retention-full-type=count
repo1-retention-diff=4
`,
    });
    expect(secrets).toEqual([]);
  });

  it("follows the keys of all repositories", async () => {
    const { texts } = await rendered({
      ...{ stanza: "homelab", processMax: 2, async: false, archiveQueueMax: "512MB" },
      compression: { type: "zst", level: 9 },
    });
    const main = texts["pgbackrest.conf 0644"]!.split("\n");
    expect(main).toEqual(
      expect.arrayContaining([
        ...["process-max=2", "compress-type=zst", "compress-level=9", "archive-async=n"],
        ...["archive-push-queue-max=512MB", "[homelab]"],
      ]),
    );
  });

  it("has no level without compression", async () => {
    const { texts } = await rendered({ compression: { type: "none" } });
    expect(texts["pgbackrest.conf 0644"]).toContain("compress-type=none\nstart-fast");
  });

  it("names the standby only where there is one and pgBackRest may read it", async () => {
    for (const where of [{ standby: false }, { version: 13 }]) {
      const { texts } = await rendered({}, where);
      expect(texts["pgbackrest.conf 0644"]).toMatch(/^pg1-path=/m);
      expect(texts["pgbackrest.conf 0644"]).not.toMatch(/^pg2-/m);
    }
    const { texts } = await rendered({}, { version: 15 });
    expect(texts["pgbackrest.conf 0644"]).toMatch(/^pg2-path=/m);
  });

  it("leaves out what the pgBackRest of an older major does not know", async () => {
    expect(await repo({}, { version: 15 })).toEqual([
      ...["[global]", "repo1-type=posix", "repo1-path=/var/lib/pgbackrest/repo1", "repo1-bundle=y"],
      ...["repo1-retention-full=7", "repo1-retention-full-type=count", "repo1-retention-diff=4"],
    ]);
    expect((await repo({}, { version: 13 })).join()).not.toMatch(/bundle|block/);
  });

  it("reaches a bucket of Amazon, and one of a server with a CA of its own", async () => {
    const own = { endpoint: "https://S3.nas.local:7070/", uriStyle: "path", ca: pem };
    const list = [s3, { ...s3, ...own, path: "/a/b", region: "eu-central-1" }];
    const { texts, secrets } = await rendered({ repositories: list, bundle: false });
    const common = ["retention-full=7", "retention-full-type=count", "retention-diff=4"];
    expect(texts["conf.d/repo.conf 0640"]!.trim().split("\n")).toEqual([
      "[global]",
      "repo1-type=s3",
      "repo1-path=/pgbackrest",
      "repo1-s3-bucket=homelab-backups",
      "repo1-s3-endpoint=s3.us-east-1.amazonaws.com",
      "repo1-s3-region=us-east-1",
      "repo1-s3-uri-style=host",
      "repo1-s3-key=AK",
      "repo1-s3-key-secret=s3 # cret",
      ...common.map((line) => `repo1-${line}`),
      "repo2-type=s3",
      "repo2-path=/a/b",
      "repo2-s3-bucket=homelab-backups",
      "repo2-s3-endpoint=S3.nas.local",
      "repo2-s3-region=eu-central-1",
      "repo2-s3-uri-style=path",
      "repo2-storage-port=7070",
      "repo2-s3-key=AK",
      "repo2-s3-key-secret=s3 # cret",
      "repo2-storage-ca-file=/etc/pgbackrest/repo2-ca.crt",
      ...common.map((line) => `repo2-${line}`),
    ]);
    expect(texts["repo2-ca.crt 0644"]).toBe(pem);
    expect(secrets).toEqual(["conf.d/repo.conf"]);
  });

  it("reaches the stack's own object store, beside a folder, each with keys of its own", async () => {
    const list = [
      { type: "objectStore", retention: { full: 30, fullType: "time" }, block: false },
      { type: "posix", path: "/srv/repository", encryption: { passphrase: "of its own" } },
    ];
    const { texts, secrets } = await rendered({ repositories: list, encryption: {} });
    expect(texts["conf.d/repo.conf 0640"]!.trim().split("\n")).toEqual([
      "[global]",
      "repo1-type=s3",
      "repo1-path=/pgbackrest",
      "repo1-s3-bucket=backups",
      "repo1-s3-endpoint=laterbase-dev-object-store",
      "repo1-s3-region=us-east-1",
      "repo1-s3-uri-style=path",
      "repo1-storage-port=7070",
      "repo1-s3-key=AK",
      "repo1-s3-key-secret=SK",
      "repo1-storage-ca-file=/etc/pgbackrest/repo1-ca.crt",
      "repo1-cipher-type=aes-256-cbc",
      "repo1-cipher-pass=generated-passphrase",
      "repo1-bundle=y",
      "repo1-retention-full=30",
      "repo1-retention-full-type=time",
      "repo1-retention-diff=4",
      "repo2-type=posix",
      "repo2-path=/var/lib/pgbackrest/repo2",
      "repo2-cipher-type=aes-256-cbc",
      "repo2-cipher-pass=of its own",
      "repo2-bundle=y",
      "repo2-block=y",
      "repo2-retention-full=7",
      "repo2-retention-full-type=count",
      "repo2-retention-diff=4",
    ]);
    expect(secrets).toEqual(["conf.d/repo.conf"]);
    expect(texts["repo1-ca.crt 0644"]).toBe("-----BEGIN CERTIFICATE-----\n");
  });

  it("reaches Azure and Google, whose key is a file that only PostgreSQL's group reads", async () => {
    const key = JSON.stringify({ client_email: "me", private_key: "pem\n", token_uri: "https://" });
    const azure = { type: "azure", container: "backups", account: "acc", key: "a2V5" };
    const { texts, secrets } = await rendered({
      repositories: [
        { ...azure, endpoint: "azure.nas.local:10000", ca: pem },
        { type: "gcs", bucket: "backups", key },
        { ...azure, container: "others" },
      ],
    });
    const lines = texts["conf.d/repo.conf 0640"]!.split("\n");
    expect(lines.filter((line) => !/retention|bundle|block/.test(line))).toEqual([
      "[global]",
      "repo1-type=azure",
      "repo1-path=/pgbackrest",
      "repo1-azure-container=backups",
      "repo1-azure-account=acc",
      "repo1-azure-key=a2V5",
      "repo1-azure-endpoint=azure.nas.local",
      "repo1-azure-uri-style=path",
      "repo1-storage-port=10000",
      "repo1-storage-ca-file=/etc/pgbackrest/repo1-ca.crt",
      "repo2-type=gcs",
      "repo2-path=/pgbackrest",
      "repo2-gcs-bucket=backups",
      "repo2-gcs-key-type=service",
      "repo2-gcs-key=/etc/pgbackrest/repo2-gcs-key.json",
      "repo3-type=azure",
      "repo3-path=/pgbackrest",
      "repo3-azure-container=others",
      "repo3-azure-account=acc",
      "repo3-azure-key=a2V5",
      "",
    ]);
    expect(texts["repo2-gcs-key.json 0640"]).toBe(key);
    expect(secrets).toEqual(["conf.d/repo.conf", "repo2-gcs-key.json"]);
  });

  it("has no option in two files, which pgBackRest refuses", async () => {
    const { texts } = await rendered({
      repositories: [s3, { type: "objectStore" }],
      encryption: {},
    });
    const names = Object.entries(texts)
      .filter(([file]) => file.includes(".conf "))
      .flatMap(([, text]) => [...text.matchAll(/^([^[=\n]+)=/gm)].map(([, name]) => name));
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(40);
  });

  it("is nothing while archiving is off", async () => {
    expect(await rendered({ repositories: [{ type: "none" }] })).toEqual({
      texts: {},
      secrets: [],
    });
    expect(repositoriesOf(undefined, 17)).toEqual([]);
  });
});

describe("an option", () => {
  it.each(["a\nb=c", "a\r", "a\0b", " a", "a ", ""])("is no text such as %j", (text) => {
    const message = /^The value of repo1-path must be one line without space at its ends/;
    expect(() => option("repo1-path", text)).toThrow(message);
  });

  it("keeps everything else, which pgBackRest takes as it is", () => {
    expect(option("a", 'é "x" #;[b]=c\\')).toBe('a=é "x" #;[b]=c\\');
  });
});

it("needs a generated passphrase only where no other is set", () => {
  const needs = (change: object) =>
    needsPassphrase(repositoriesOf(parseConfig(backed(change), "f").backups, 17));
  expect(needs({})).toBe(false);
  expect(needs({ encryption: {} })).toBe(true);
  expect(needs({ encryption: { passphrase: "mine" } })).toBe(false);
  expect(needs({ repositories: [{ type: "posix", encryption: {} }] })).toBe(true);
});
