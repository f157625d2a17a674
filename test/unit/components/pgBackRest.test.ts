import type { EmptyPrimaryInput } from "../../../contract/emptyPrimaryStep";
import type { PgBackRestInput } from "../../../contract/pgBackRestStep";
import { type Made, named } from "../../support/mocks";
import { declared } from "../../support/stackProgram";

// What backups add to a stack. It proves what is asked for, not what Docker, PostgreSQL and pgBackRest make of it.
const posix = { repositories: [{ type: "posix" }] };

const stack = (backups?: object, change: (keys: Record<string, any>) => void = () => undefined) =>
  declared(
    "dev",
    () => undefined,
    (keys) => {
      delete keys["backups"];
      if (backups) keys["backups"] = backups;
      change(keys);
    },
  );

const without = (keys: Record<string, any>) => {
  for (const key of ["dumps", "duplicati", "pooler", "pgAdmin"]) delete keys[key];
};

const names = (made: Made[]) => made.map(({ name }) => name);

const inputOf = (made: Made[]) =>
  JSON.parse(named(made, "pgbackrest-configuration").inputs["stdin"] as string) as PgBackRestInput;

const volumesOf = (made: Made[], container: string) =>
  (named(made, container).inputs["volumes"] as Record<string, string>[]).map(
    ({ volumeName, hostPath, containerPath, readOnly }) =>
      `${volumeName ?? hostPath} ${containerPath}${readOnly ? " ro" : ""}`,
  );

const primaryMounts = [
  "laterbase-dev-primary-data /var/lib/postgresql/primary",
  "laterbase-dev-primary-socket /run/pg/primary",
  "laterbase-dev-pgbackrest-conf /etc/pgbackrest ro",
  "laterbase-dev-repositories /var/lib/pgbackrest",
  "laterbase-dev-primary-spool /var/spool/pgbackrest",
];

it("changes no input of the primary's container, on or off", async () => {
  const [off, on] = [await stack(), await stack({ ...posix, encryption: {} })];
  const inputs = (made: Made[]) => named(made, "primary-container").inputs;
  expect(inputs(on)).toEqual(inputs(off));
  expect(named(on, "standby-container").inputs).toEqual(named(off, "standby-container").inputs);
  expect(volumesOf(off, "primary-container")).toEqual(primaryMounts);
  const conf = inputs(off)["uploads"].find((one: any) => one.file.endsWith("/postgresql.conf"));
  expect(conf.content).toMatch(
    /archive_mode = on\narchive_command = 'test ! -e \/var\/lib\/postgresql\/primary\/archives'\ninclude_if_exists = '\/etc\/pgbackrest\/archive.conf'\n$/,
  );
});

it("adds the role that backs up, a look before the primary starts and the volume of drills, and leaves nothing out", async () => {
  const [off, on] = [names(await stack()), names(await stack(posix))];
  expect(on.filter((name) => !off.includes(name))).toEqual([
    "pgbackrest-before-primary",
    "preparation-backups",
    "agent-drill",
  ]);
  expect(off.filter((name) => !on.includes(name))).toEqual([]);
});

it("keeps the repositories and the passphrase, and nothing else of pgBackRest", async () => {
  const made = await stack(posix);
  const own = made.filter(({ name }) => name.startsWith("pgbackrest"));
  expect(own.map(({ name, opts }) => [name, opts.protect ?? false])).toEqual([
    ["pgbackrest", false],
    ["pgbackrest-conf", false],
    ["pgbackrest-repositories", true],
    ["pgbackrest-spool", false],
    ["pgbackrest-passphrase", true],
    ["pgbackrest-before-primary", false],
    ["pgbackrest", false],
    ["pgbackrest-configuration", false],
  ]);
  expect(named(made, "pgbackrest-repositories").opts.retainOnDelete).toBe(true);
});

it("is off without backups: no file, and PostgreSQL takes each segment for archived", async () => {
  for (const backups of [undefined, { repositories: [{ type: "none" }] }]) {
    const made = await stack(backups, without);
    expect(inputOf(made)).toMatchObject({
      files: [],
      settings: { archive_command: "/bin/true", archive_timeout: "0" },
    });
    expect(inputOf(made)).not.toHaveProperty("stanza");
    expect(names(made)).not.toContain("preparation-backups");
    expect(names(made)).not.toContain("scheduler");
    // Its records are protected, so it goes only with the key.
    expect(names(made).includes("agent")).toBe(backups !== undefined);
    if (backups) expect(settingsOf(made)).toMatchObject({ repositories: [] });
  }
});

it("writes the files, makes the stanza and archives by it", async () => {
  const made = await stack({ ...posix, stanza: "main", archiveTimeout: "2m", encryption: {} });
  const { files, settings, stanza, place } = inputOf(made);
  expect(files.map(({ name, mode }) => [name, mode])).toEqual([
    ["pgbackrest.conf", "0644"],
    ["conf.d/repo.conf", "0640"],
  ]);
  expect(files[1]!.content).toContain("repo1-cipher-pass=password-of-pgbackrest-passphrase\n");
  expect(settings).toEqual({
    archive_command: "pgbackrest --stanza=main archive-push %p",
    archive_timeout: "120",
  });
  expect(stanza).toEqual({
    name: "main",
    repositories: [{ number: 1, location: "volume laterbase-dev-repositories", own: true }],
  });
  expect(place).toEqual({ image: "laterbase/postgres:17-abc", network: "laterbase-dev" });
  const { inputs, secrets, opts } = named(made, "pgbackrest-configuration");
  expect(secrets).toContain("stdin");
  expect(inputs["create"]).toBe(
    "node --require tsx/cjs scripts/steps/pgBackRest.ts laterbase-dev-primary",
  );
  expect(inputs["triggers"]).toEqual(["primary-container-id"]);
  expect(opts.ignoreChanges).toEqual(["update", "environment.LATERBASE_DRIFT"]);
});

it("looks for backups before the primary starts, in every repository but those of a store that does not run yet", async () => {
  const repositories = [{ type: "posix" }, { type: "objectStore" }];
  const made = await stack({ repositories, encryption: {} }, (keys) => {
    keys["objectStore"] = { port: 7070, bucket: "kept" };
  });
  const { inputs, secrets, opts } = named(made, "pgbackrest-before-primary");
  expect(secrets).toContain("stdin");
  expect(inputs["create"]).toBe(
    "node --require tsx/cjs scripts/steps/emptyPrimary.ts laterbase-dev-primary",
  );
  const { files, ...input } = JSON.parse(inputs["stdin"]) as EmptyPrimaryInput;
  expect(files.map(({ name }) => name)).toEqual(["pgbackrest.conf", "conf.d/repo.conf"]);
  expect(files[1]!.content).toContain("repo1-cipher-pass=password-of-pgbackrest-passphrase\n");
  expect(files[1]!.content).not.toContain("repo2");
  expect(input).toEqual({
    data: "laterbase-dev-primary-data",
    stanza: {
      name: "main",
      repositories: [{ number: 1, location: "volume laterbase-dev-repositories", own: false }],
    },
    store: {
      number: 2,
      location: "bucket kept of the stack's object store",
      volume: "laterbase-dev-object-store-data",
      folder: "kept/pgbackrest",
    },
    place: { image: "laterbase/postgres:17-abc", network: "laterbase-dev" },
    mounts: [
      { source: "laterbase-dev-pgbackrest-conf", target: "/etc/pgbackrest", readOnly: true },
      { source: "laterbase-dev-repositories", target: "/var/lib/pgbackrest", readOnly: false },
    ],
    restore: "npm run laterbase -- restore",
  });
  expect(opts.ignoreChanges).toEqual(["update", "environment.LATERBASE_DRIFT"]);
  const { dependsOn } = named(made, "primary-container").opts;
  const names = [dependsOn ?? []].flat().map((one: any) => one.__name as string);
  expect(names).toContain("pgbackrest-before-primary");
});

it("has the step and the agent read both servers, and write nothing of theirs", async () => {
  const made = await stack(posix, without);
  const backup = [
    "laterbase-dev-pgbackrest-conf /etc/pgbackrest ro",
    "laterbase-dev-repositories /var/lib/pgbackrest",
    "laterbase-dev-primary-data /var/lib/postgresql/primary ro",
    "laterbase-dev-primary-socket /run/pg/primary",
    "laterbase-dev-standby-data /var/lib/postgresql/standby ro",
    "laterbase-dev-standby-socket /run/pg/standby",
  ];
  expect(volumesOf(made, "agent-container")).toEqual([
    "laterbase-dev-agent-records /var/lib/laterbase/records",
    ...backup,
    "laterbase-dev-drill /var/lib/postgresql/drill",
  ]);
  const mounts = inputOf(made).mounts.map(
    ({ source, target, readOnly }) => `${source} ${target}${readOnly ? " ro" : ""}`,
  );
  expect(mounts).toEqual(backup);
});

it("reads the primary where no standby is on its engine", async () => {
  const remote = (keys: Record<string, any>) => {
    without(keys);
    keys["bindAddress"] = "192.168.1.10";
    keys["primary"].allowFrom = ["192.168.1.0/24"];
    keys["standbys"][0].dockerHost = "ssh://media@nas.local";
  };
  for (const change of [
    remote,
    (keys: Record<string, any>) => (without(keys), delete keys["standbys"]),
  ]) {
    const made = await stack(posix, change);
    expect(inputOf(made).files[0]!.content).not.toContain("pg2-");
    expect(inputOf(made).mounts.map(({ target }) => target)).not.toContain("/run/pg/standby");
    expect(settingsOf(made)).not.toHaveProperty("standby");
  }
});

const settingsOf = (made: Made[]) => {
  const uploads = named(made, "agent-container").inputs["uploads"] as Record<string, string>[];
  const { content } = uploads.find(({ file }) => file === "/etc/laterbase/agent.json")!;
  return (JSON.parse(content!) as { backups: Record<string, unknown> }).backups;
};

it("tells the agent what to back up, without a secret, and the scheduler when", async () => {
  const schedules = { full: "0 2 * * 0", diff: "0 2 * * 1-6", incr: "0 */6 * * *" };
  const retention = { full: 7, diff: 4, archiveDays: 7, logDays: 30 };
  const made = await stack(
    { ...posix, stanza: "main", schedules, retention, encryption: {} },
    without,
  );
  const settings = settingsOf(made);
  expect(settings).toMatchObject({
    stanza: "main",
    repositories: [
      {
        number: 1,
        type: "posix",
        encrypted: true,
        archiveDays: 7,
        location: "volume laterbase-dev-repositories",
      },
    ],
    logDays: 30,
    standby: "standby",
  });
  expect(JSON.stringify(settings)).not.toContain("password-of");
  const ini = named(made, "scheduler-container").inputs["uploads"][0].content as string;
  const lines = ini.split("\n").filter((line) => /^(schedule|command)/.test(line));
  const pairs = lines.flatMap((line, i) => (i % 2 === 0 ? [[line, lines[i + 1]]] : []));
  expect(pairs.slice(0, -1)).toEqual([
    ["schedule = 0 0 2 * * 0", "command = laterbase-agent backup --type full --trigger schedule"],
    ["schedule = 0 0 2 * * 1-6", "command = laterbase-agent backup --type diff --trigger schedule"],
    ["schedule = 0 0 */6 * * *", "command = laterbase-agent backup --type incr --trigger schedule"],
    ["schedule = 0 30 * * * *", "command = laterbase-agent check-backups"],
    ["schedule = 0 0 4 * * 0", "command = laterbase-agent verify-backups"],
    ["schedule = 0 0 5 * * *", "command = laterbase-agent drill"],
    ["schedule = 0 45 * * * *", "command = laterbase-agent maintain-backups"],
    ["schedule = @every 60s", "command = touch /run/laterbase/scheduler"],
  ]);
  const [rules] = named(made, "scheduler-proxy").inputs["command"] as string[];
  const { commands } = JSON.parse(rules!) as { commands: { argv: string[]; user: string }[] };
  expect(commands.map(({ argv }) => argv.join(" "))).toEqual(
    pairs.slice(0, -1).map(([, command]) => command!.slice("command = ".length)),
  );
});

it("mounts a repository's folder in the primary, the step and the agent", async () => {
  const made = await stack({ repositories: [{ type: "posix", path: "/srv/repository" }] }, without);
  const mount = "/srv/repository /var/lib/pgbackrest/repo1";
  expect(volumesOf(made, "primary-container")).toContain(mount);
  expect(volumesOf(made, "agent-container")).toContain(mount);
  expect(inputOf(made).mounts).toContainEqual({
    source: "/srv/repository",
    target: "/var/lib/pgbackrest/repo1",
    readOnly: false,
  });
});

it("waits for the stack's own object store, and archives there", async () => {
  const made = await stack({ repositories: [{ type: "objectStore" }] }, (keys) => {
    without(keys);
    keys["objectStore"] = { port: 7070, bucket: "homelab-backups" };
  });
  expect(inputOf(made).files.map(({ name }) => name)).toEqual([
    "pgbackrest.conf",
    "conf.d/repo.conf",
    "repo1-ca.crt",
  ]);
  expect(inputOf(made).stanza!.repositories).toEqual([
    { number: 1, location: "bucket homelab-backups of the stack's object store", own: true },
  ]);
});
