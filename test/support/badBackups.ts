import { resolve } from "node:path";
import { external, managed, standbys } from "./badConfigs";

const s3 = { type: "s3", bucket: "b-1", accessKey: "AK", secretKey: "s3cret" };
const azure = { type: "azure", container: "b-1", account: "acc", key: "a2V5" };

/** A managed primary of a major with these backups. */
export const backed = (change: object, version = 17): Record<string, unknown> => ({
  primary: { ...managed, version },
  backups: { repositories: [{ type: "posix" }], ...change },
});

const repositories = (...list: object[]) => backed({ repositories: list });

/** Backups that cannot be made: what is wrong, the configuration, and the sentences that a person must read. */
export function badBackups(file: string): [string, Record<string, unknown>, string[]][] {
  const set = ` (set in ${file}).`;
  const own = "laterbase:backups";
  const first = `${own}.repositories[0]`;
  const second = `${own}.repositories[1]`;
  return [
    [
      "an external primary",
      { primary: external, standbys, backups: { repositories: [{ type: "posix" }] } },
      [
        `${own} needs a primary that Laterbase runs (kind: managed); an external primary has standby and dumps, not this${set}`,
      ],
    ],
    [
      "no repositories",
      { primary: managed, backups: {} },
      [`${own}.repositories must be a list such as [{ type: posix }]; it is not set${set}`],
    ],
    [
      "an empty list of repositories",
      repositories(),
      [`${own}.repositories must name at least one repository, such as [{ type: posix }]${set}`],
    ],
    [
      "an unknown type",
      repositories({ type: "ftp" }),
      [`${first}.type must be "posix", "s3", "azure", "gcs", "objectStore" or "none"${set}`],
    ],
    [
      "S3 without a bucket",
      repositories({ ...s3, bucket: undefined }),
      [
        `${first}.bucket must be the name of a bucket, such as homelab-backups; it is not set${set}`,
      ],
    ],
    [
      "S3 without its secret",
      repositories({ ...s3, secretKey: undefined }),
      [
        `${first}.secretKey must be a text, set with \`pulumi config set --secret --path\`; it is not set${set}`,
      ],
    ],
    [
      "an endpoint without TLS",
      repositories({ ...s3, endpoint: "http://nas.local:9000" }),
      [
        `${first}.endpoint must be a host name or an address, with a port if it is not 443, such as s3.nas.local:7070, without http://, because pgBackRest speaks only TLS; it is "http://nas.local:9000"${set}`,
      ],
    ],
    [
      "a bucket that would be another line",
      repositories({ ...s3, bucket: "b\nrepo1-path=/" }),
      [
        `${first}.bucket must be the name of a bucket: 3 to 63 of a–z, 0–9, . and -, such as homelab-backups; it is "b\\nrepo1-path=/"${set}`,
      ],
    ],
    [
      "a secret that would be another line",
      repositories({ ...s3, secretKey: "s3cret\nrepo1-path=/" }),
      [
        `${first}.secretKey must be a text of 1 to 500 characters on one line without space at its ends, set with \`pulumi config set --secret --path\`${set}`,
      ],
    ],
    [
      "a passphrase that pgBackRest would cut",
      backed({ encryption: { passphrase: " pass phrase" } }),
      [
        `${own}.encryption.passphrase must be a text of 1 to 500 characters on one line without space at its ends, set with \`pulumi config set --secret --path\`${set}`,
      ],
    ],
    [
      "an Azure key that is no base64",
      repositories({ ...azure, key: "no key!" }),
      [
        `${first}.key must be the account's shared key in base64, set with \`pulumi config set --secret --path\`${set}`,
      ],
    ],
    [
      "a GCS key that is none",
      repositories({ type: "gcs", bucket: "b-1", key: '{ "client_email": "me" }' }),
      [
        `${first}.key must be the JSON key of a service account, with client_email, private_key and token_uri, set with \`pulumi config set --secret --path\`${set}`,
      ],
    ],
    [
      "a CA that is none",
      repositories({ ...s3, ca: "/etc/ca.crt" }),
      [
        `${first}.ca must be certificates in PEM, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----; it is "/etc/ca.crt"${set}`,
      ],
    ],
    [
      "a relative path",
      repositories({ type: "posix", path: "srv/repository" }),
      [
        `${first}.path must be an absolute path of the engine's machine without a colon, such as /srv/repository; it is "srv/repository"${set}`,
      ],
    ],
    [
      "a folder of a bucket that leaves it",
      repositories({ ...s3, path: "/a/../b" }),
      [
        `${first}.path must be a folder of the bucket that begins with /, of letters, digits, ., _ and -, such as /pgbackrest; it is "/a/../b"${set}`,
      ],
    ],
    [
      "two repositories in one folder",
      repositories({ type: "posix", path: "/srv/a" }, { type: "posix", path: "/srv//b/../a/" }),
      [
        `${second} is in the place of ${first}, or one is inside the other; each needs its own, such as path: /srv/repository${set}`,
      ],
    ],
    [
      "a repository inside another",
      repositories({ type: "posix", path: "/srv/a" }, { type: "posix", path: "/srv/a/b" }),
      [
        `${second} is in the place of ${first}, or one is inside the other; each needs its own, such as path: /srv/repository${set}`,
      ],
    ],
    [
      "two repositories in one bucket's folder",
      repositories(s3, { ...s3, accessKey: "OTHER" }),
      [
        `${second} is in the place of ${first}, or one is inside the other; each needs its own, such as path: /second${set}`,
      ],
    ],
    [
      "two repositories in the object store",
      {
        ...repositories({ type: "objectStore" }, { type: "objectStore" }),
        objectStore: { port: 7070 },
      },
      [
        `${second} is in the place of ${first}, or one is inside the other; each needs its own, such as one of the type posix${set}`,
      ],
    ],
    [
      "a repository among the dumps",
      { ...repositories({ type: "posix", path: "/srv/dumps/" }), dumps: { path: "/srv/dumps" } },
      [
        `${first}.path is the folder of laterbase:dumps.path, or one is inside the other; each needs its own${set}`,
      ],
    ],
    [
      "a repository below the dumps",
      { ...repositories({ type: "posix", path: "/srv/dumps/own" }), dumps: { path: "/srv/dumps" } },
      [
        `${first}.path is the folder of laterbase:dumps.path, or one is inside the other; each needs its own${set}`,
      ],
    ],
    [
      "a repository in the folder that a relative path of the dumps means",
      {
        ...repositories({ type: "posix", path: resolve(__dirname, "../../backups/repository") }),
        dumps: { path: "./backups" },
      },
      [
        `${first}.path is the folder of laterbase:dumps.path, or one is inside the other; each needs its own${set}`,
      ],
    ],
    [
      "dumps in a home that nobody names",
      { ...repositories({ type: "posix" }), dumps: { path: "~/backups" } },
      [
        `laterbase:dumps.path must be a folder such as /srv/backups: ~ stands for no home here, so write it in full; it is "~/backups"${set}`,
      ],
    ],
    [
      "one bucket, named with and without Amazon's server",
      repositories(s3, { ...s3, endpoint: "S3.us-east-1.amazonaws.com:443", region: "us-east-1" }),
      [
        `${second} is in the place of ${first}, or one is inside the other; each needs its own, such as path: /second${set}`,
      ],
    ],
    [
      "a queue that no segment fits into",
      backed({ archiveQueueMax: "16MB" }),
      [
        `laterbase:backups.archiveQueueMax must be at least 128MB, such as 4GB: what waits longer is given up; it is 16MB${set}`,
      ],
    ],
    [
      "an object store that is not there",
      repositories({ type: "objectStore" }),
      [
        `${first} has the type objectStore: set laterbase:objectStore too, such as { port: 7070, bucket: homelab-backups }${set}`,
      ],
    ],
    [
      "none beside another",
      repositories({ type: "posix" }, { type: "none" }),
      [
        `${second} has the type none, which turns archiving off, so it must stand alone; leave it or the others out${set}`,
      ],
    ],
    [
      "more repositories than pgBackRest knows",
      repositories(...Array.from({ length: 257 }, () => ({ type: "posix" }))),
      [
        `${own}.repositories must name at most 256, which is the most that the pgBackRest of PostgreSQL 17 knows; it names 257${set}`,
      ],
    ],
    [
      "a retention that keeps nothing",
      backed({ retention: { full: 0 } }),
      [
        `${own}.retention.full must be a whole number of full backups or days from 1 to 9999999, such as 7; it is 0${set}`,
      ],
    ],
    [
      "a repository that keeps nothing",
      repositories({ type: "posix", retention: { archiveDays: 0 } }),
      [
        `${first}.retention.archiveDays must be a whole number of days from 1 to 36500, such as 7; it is 0${set}`,
      ],
    ],
    [
      "no processes",
      backed({ processMax: 0 }),
      [`${own}.processMax must be a whole number from 1 to 999, such as 4; it is 0${set}`],
    ],
    [
      "a level out of range",
      backed({ compression: { level: 13 } }),
      [`${own}.compression.level must be from -5 to 12 for lz4 with PostgreSQL 17; it is 13${set}`],
    ],
    [
      "a level that an older pgBackRest does not know",
      backed({ compression: { type: "zst", level: 19 } }, 15),
      [`${own}.compression.level must be from 1 to 9 for zst with PostgreSQL 15; it is 19${set}`],
    ],
    [
      "a level of no compression",
      backed({ compression: { type: "none", level: 3 } }),
      [`${own}.compression.level has no meaning with the type none; leave it out${set}`],
    ],
    [
      "blocks before 17",
      backed({ block: true }, 15),
      [
        `${own}.block needs PostgreSQL 17, because the pgBackRest of 15 is 2.45; leave it out${set}`,
      ],
    ],
    [
      "bundles before 15",
      backed({ bundle: true }, 13),
      [
        `${own}.bundle needs PostgreSQL 15, because the pgBackRest of 13 is 2.33; leave it out${set}`,
      ],
    ],
    [
      "blocks without bundles",
      backed({ bundle: false, block: true }),
      [
        `${own}.block needs bundle, which is off there; set bundle to true or leave block out${set}`,
      ],
    ],
    [
      "blocks of a repository without bundles",
      repositories({ type: "posix", bundle: false, block: true }),
      [
        `${first}.block needs bundle, which is off there; set bundle to true or leave block out${set}`,
      ],
    ],
    [
      "a repository without bundles while blocks are for all",
      backed({ block: true, repositories: [{ type: "posix", bundle: false }] }),
      [
        `${first}.block needs bundle, which is off there; set bundle to true or leave block out${set}`,
      ],
    ],
    [
      "a stanza that is a path",
      backed({ stanza: "../main" }),
      [
        `${own}.stanza must be a name of letters, digits, _ and -, up to 63 of them, such as main; it is "../main"${set}`,
      ],
    ],
    [
      "a stanza that is a section of pgBackRest's own",
      backed({ stanza: "global" }),
      [
        `${own}.stanza must not begin with global, which pgBackRest keeps for itself; main is usual; it is "global"${set}`,
      ],
    ],
    [
      "a schedule that no job has",
      backed({ schedules: { restore: "0 5 * * *" } }),
      [
        `${own}.schedules.restore is unknown; the known keys are full, diff, incr, check, verify, drill, maintenance${set}`,
      ],
    ],
    [
      "a queue without a unit",
      backed({ archiveQueueMax: 4 }),
      [`${own}.archiveQueueMax must be a size such as 10GB; it is 4${set}`],
    ],
    [
      "an object store on the primary's port",
      { primary: managed, objectStore: { port: 8008 } },
      [`laterbase:objectStore has the port 8008 of laterbase:primary; each needs its own${set}`],
    ],
    [
      "an object store with a bad bucket",
      { primary: managed, objectStore: { port: 7070, bucket: "Backups" } },
      [
        `laterbase:objectStore.bucket must be the name of a bucket: 3 to 63 of a–z, 0–9, . and -, such as homelab-backups; it is "Backups"${set}`,
      ],
    ],
  ];
}
