import { hbaBlock, hbaRules } from "../../../scripts/primary";
import { drift } from "../../../scripts/primary/observe/drift";
import { type Observation, readObservation } from "../../../scripts/primary/observe/observation";
import { identBlock, socketRule } from "../../../scripts/primary/hba";

const expected = {
  owner: "laterbase/dev",
  role: "laterbase_dev",
  slots: { standby: "laterbase_standby_slot", other: "laterbase_other_slot" },
};
const record = {
  laterbase: 1,
  owner: "laterbase/dev#1a2b3c4d",
  verifier: "abc",
  slots: ["laterbase_standby_slot"],
  hba: ["samenet"],
  cap: { was: null, wanted: 10240, set: 10240 },
};
const sound = (): Observation => ({
  role: { sound: true, verifier: "abc", comment: JSON.stringify(record) },
  slots: { laterbase_standby_slot: { type: "physical", status: "reserved", reserved: true } },
  slotWalLimit: 10240,
  otherSlotWalLimit: null,
  dumps: null,
  pgAdmin: null,
  backups: null,
  missing: {},
  ident: null,
  archive: {},
  block: hbaBlock(record.owner, hbaRules("laterbase_dev", ["samenet"])).trimEnd(),
});
const kept = (change: object) => JSON.stringify({ ...record, ...change });

it("names what ALTER SYSTEM overrules of the stack's parameters", () => {
  const overruled = ["work_mem", "jit"];
  expect(drift(expected, { ...sound(), overruled })).toEqual({
    settings: "ALTER SYSTEM has set work_mem, jit",
  });
  expect(drift(expected, { ...sound(), overruled: [] })).toEqual({});
  expect(drift(expected, { ...sound(), overruled: null })).toEqual({});
});

it("takes a comment without an owner for no record", () => {
  for (const comment of ['{"laterbase": 1}', '{"laterbase": 1, "owner": 5}', '{"laterbase" 1']) {
    const seen = sound();
    seen.role!.comment = comment;
    expect(drift(expected, seen)).toEqual(
      drift(expected, { ...sound(), role: { ...seen.role!, comment: null } }),
    );
  }
});

it("has extensions made again with a database that is gone", () => {
  const verifier = "abc";
  const comment = JSON.stringify({ laterbase: 1, owner: record.owner, application: "a", verifier });
  const seen = (owner: string | null) =>
    drift(
      { ...expected, applications: [{ role: "jarvis", database: "homelab" }] },
      {
        ...sound(),
        logins: JSON.stringify({ [Buffer.from("jarvis").toString("hex")]: verifier }),
        applications: {
          jarvis: { role: { sound: true, verifier, comment }, owner, anybody: false },
        },
      },
    );
  const gone = "database homelab is gone, and 'up' makes an EMPTY one";
  expect(seen(null)).toEqual({ "application-jarvis": gone, extensions: gone });
  expect(seen("tom")).toEqual({ "application-jarvis": "database homelab belongs to tom" });
});

it("finds none where everything is as it was left", () => {
  expect(drift(expected, sound())).toEqual({});
});

const changes: [string, (observation: Observation) => void, Record<string, string>][] = [
  [
    "another password",
    (observation) => (observation.role!.verifier = "x"),
    { role: "role laterbase_dev has another password" },
  ],
  [
    "another password of a managed primary's superuser",
    (observation) => (observation.login = false),
    { login: "the superuser has another password" },
  ],
  [
    "a superuser whose password nobody has set yet",
    (observation) => (observation.login = null),
    {},
  ],
  [
    "a role without LOGIN",
    (observation) => (observation.role!.sound = false),
    { role: "role laterbase_dev has other attributes" },
  ],
  [
    "a dropped slot",
    (observation) => (observation.slots = {}),
    { "slot-standby": "slot laterbase_standby_slot is gone" },
  ],
  [
    "a lost slot",
    (observation) => (observation.slots.laterbase_standby_slot!.status = "lost"),
    { "slot-standby": "slot laterbase_standby_slot lost its WAL" },
  ],
  [
    "a lowered slot WAL limit",
    (observation) => (observation.slotWalLimit = 64),
    { slotWalLimit: "max_slot_wal_keep_size is 64 MB instead of 10240 MB" },
  ],
  [
    "a larger slot WAL limit of another stack",
    (observation) => (observation.slotWalLimit = observation.otherSlotWalLimit = 20480),
    {},
  ],
  [
    "a removed block",
    (observation) =>
      Object.assign(observation, { block: null, missing: { laterbase_dev: ["samenet"] } }),
    { hba: "pg_hba.conf does not let laterbase_dev in from samenet" },
  ],
  ["lines written by hand instead of the block", (observation) => (observation.block = null), {}],
  [
    "a line more in the block",
    (observation) =>
      (observation.block = observation.block!.replace(
        "\n# END",
        "\nhost all all all trust\n# END",
      )),
    { hba: "our block in pg_hba.conf was changed" },
  ],
  [
    "a line that is gone from a guarded block",
    (observation) => (observation.role!.comment = kept({ hbaGuard: true })),
    { hba: "our block in pg_hba.conf was changed" },
  ],
  [
    "a guarded block",
    (observation) => {
      observation.role!.comment = kept({ hbaGuard: true });
      observation.block = observation.block!.replace(
        "\n# END",
        "\nhost    all    laterbase_dev    all    reject\n# END",
      );
    },
    {},
  ],
  [
    "a dropped role",
    (observation) => (observation.role = null),
    {
      role: "role laterbase_dev is gone",
      slotWalLimit: "the record of max_slot_wal_keep_size is lost",
      "slot-standby": "the record of slot laterbase_standby_slot is lost",
      "slot-other": "slot laterbase_other_slot is gone",
      hba: "the record of our block in pg_hba.conf is lost",
    },
  ],
  [
    "a comment that others wrote",
    (observation) => (observation.role!.comment = "{mine"),
    {
      role: "role laterbase_dev lost its ownership record",
      slotWalLimit: "the record of max_slot_wal_keep_size is lost",
      "slot-standby": "the record of slot laterbase_standby_slot is lost",
      "slot-other": "slot laterbase_other_slot is gone",
      hba: "the record of our block in pg_hba.conf is lost",
    },
  ],
  [
    "another owner's role",
    (observation) => (observation.role!.comment = kept({ owner: "x/y#1" })),
    {},
  ],
  [
    "a slot WAL limit never set",
    (observation) => (observation.role!.comment = kept({ cap: undefined })),
    {},
  ],
  [
    "a block never written",
    (observation) => (observation.role!.comment = kept({ hba: undefined })),
    {},
  ],
];

it.each(changes)("names %s, or finds no drift in it", (_, change, sentences) => {
  const observation = sound();
  change(observation);
  expect(drift(expected, observation)).toEqual(sentences);
});

describe("of the role that dumps", () => {
  const dumpRole = "laterbase_dev_dumps";
  const role = `role ${dumpRole}`;
  const promise = { dumps: dumpRole, hbaDumps: true };
  const withDumps = (): Observation => ({
    ...sound(),
    role: { sound: true, verifier: "abc", comment: kept(promise) },
    dumps: {
      sound: true,
      verifier: "def",
      comment: JSON.stringify({ laterbase: 1, owner: record.owner, verifier: "def", connect: [] }),
      lacks: [],
      unset: [],
      denied: [],
      closed: [],
    },
    block: hbaBlock(record.owner, hbaRules("laterbase_dev", ["samenet"], [dumpRole])).trimEnd(),
  });

  it("finds none where everything is as it was left", () => {
    expect(drift({ ...expected, dumpRole }, withDumps())).toEqual({});
  });

  it("finds none where a former version has made neither the role nor its rule", () => {
    expect(drift({ ...expected, dumpRole }, sound())).toEqual({});
  });

  const sentences: [string, (observation: Observation) => void, string | undefined][] = [
    ["a dropped role", (observation) => (observation.dumps = null), `${role} is gone`],
    [
      "no comment",
      (observation) => (observation.dumps!.comment = null),
      `${role} lost its ownership record`,
    ],
    [
      "other attributes",
      (observation) => (observation.dumps!.sound = false),
      `${role} has other attributes`,
    ],
    [
      "another password",
      (observation) => (observation.dumps!.verifier = "x"),
      `${role} has another password`,
    ],
    [
      "a revoked membership",
      (observation) => (observation.dumps!.lacks = ["pg_read_all_data"]),
      `${role} lacks the rights of pg_read_all_data`,
    ],
    [
      "reset settings",
      (observation) =>
        (observation.dumps!.unset = ["lo_compat_privileges", "default_transaction_read_only"]),
      `${role} lost its setting lo_compat_privileges, default_transaction_read_only`,
    ],
    [
      "databases that it may not connect to",
      (observation) => (observation.dumps!.closed = ["a b", "c"]),
      `${role} may not connect to "a b", "c"`,
    ],
    [
      "a promise that is lost",
      (observation) => (observation.role!.comment = kept({})),
      `${role} is not recorded as ours`,
    ],
    [
      "another owner's role",
      (observation) =>
        (observation.dumps!.comment = '{"laterbase": 1, "owner": "laterbase/dev_dumps#1"}'),
      undefined,
    ],
  ];

  it.each(sentences)("names %s, or finds no drift in it", (_, change, sentence) => {
    const observation = withDumps();
    change(observation);
    if (!observation.role!.comment!.includes("hbaDumps")) observation.block = null;
    const found = drift({ ...expected, dumpRole }, observation);
    expect(found).toEqual(sentence ? { dumps: sentence } : {});
  });

  it("names it with the stack's record when that is lost, and not to a stack without dumps", () => {
    const observation = withDumps();
    observation.role!.comment = null;
    expect(drift({ ...expected, dumpRole }, observation)["dumps"]).toBe(
      `the record of ${role} is lost`,
    );
    expect(drift(expected, observation)["dumps"]).toBeUndefined();
  });

  it("names each role that pg_hba.conf does not let in", () => {
    const observation = withDumps();
    observation.missing = { laterbase_dev: ["samenet"], [dumpRole]: ["samenet", "10.0.0.0/8"] };
    expect(drift({ ...expected, dumpRole }, observation)).toEqual({
      hba: `pg_hba.conf does not let laterbase_dev in from samenet, nor ${dumpRole} in from samenet, 10.0.0.0/8`,
    });
  });
});

describe("of the role that pgAdmin connects by", () => {
  const pgAdminRole = "laterbase_dev_pgadmin";
  const role = `role ${pgAdminRole}`;
  const promise = { pgAdmin: pgAdminRole, hbaPgAdmin: true };
  const withRole = (): Observation => ({
    ...sound(),
    role: { sound: true, verifier: "abc", comment: kept(promise) },
    pgAdmin: {
      sound: true,
      verifier: "def",
      comment: JSON.stringify({ laterbase: 1, owner: record.owner, verifier: "def", connect: [] }),
      lacks: [],
      unset: [],
      denied: [],
      closed: [],
    },
    block: hbaBlock(record.owner, hbaRules("laterbase_dev", ["samenet"], [pgAdminRole])).trimEnd(),
  });

  it("finds none where everything is as it was left, nor where a former version made none", () => {
    expect(drift({ ...expected, pgAdminRole }, withRole())).toEqual({});
    expect(drift({ ...expected, pgAdminRole }, sound())).toEqual({});
  });

  it.each<[string, (observation: Observation) => void, string]>([
    ["a dropped role", (observation) => (observation.pgAdmin = null), `${role} is gone`],
    [
      "other attributes",
      (observation) => (observation.pgAdmin!.sound = false),
      `${role} has other attributes`,
    ],
    [
      "revoked memberships",
      (observation) => (observation.pgAdmin!.lacks = ["pg_monitor", "pg_read_all_data"]),
      `${role} lacks the rights of pg_monitor, pg_read_all_data`,
    ],
    [
      "a reset setting",
      (observation) => (observation.pgAdmin!.unset = ["search_path"]),
      `${role} lost its setting search_path`,
    ],
  ])("names %s", (_, change, sentence) => {
    const observation = withRole();
    change(observation);
    expect(drift({ ...expected, pgAdminRole }, observation)).toEqual({ pgAdmin: sentence });
    expect(drift(expected, observation)).toEqual({});
  });

  it("expects the rule of the role of restores where the record says so", () => {
    const observation = withRole();
    observation.role!.comment = kept({ ...promise, hbaRestore: true });
    expect(drift({ ...expected, pgAdminRole }, observation)).toEqual({
      hba: "our block in pg_hba.conf was changed",
    });
    const letIn = [pgAdminRole, "laterbase_dev_restore"];
    observation.block = hbaBlock(
      record.owner,
      hbaRules("laterbase_dev", ["samenet"], letIn),
    ).trimEnd();
    expect(drift({ ...expected, pgAdminRole }, observation)).toEqual({});
  });

  it("expects the rules of both roles that read in the block", () => {
    const observation = withRole();
    const readers = ["laterbase_dev_dumps", pgAdminRole];
    observation.role!.comment = kept({ ...promise, hbaDumps: true });
    expect(drift({ ...expected, pgAdminRole }, observation)).toEqual({
      hba: "our block in pg_hba.conf was changed",
    });
    observation.block = hbaBlock(
      record.owner,
      hbaRules("laterbase_dev", ["samenet"], readers),
    ).trimEnd();
    expect(drift({ ...expected, pgAdminRole }, observation)).toEqual({});
  });
});

describe("a stack with backups", () => {
  const role = "laterbase_dev_backups";
  const rule = socketRule(role);
  const promised = { ...record, hbaBackups: true, backups: role };
  const digest = (letter: string) => letter.repeat(64);
  const withBackups = (): Observation => ({
    ...sound(),
    role: { sound: true, verifier: "abc", comment: JSON.stringify(promised) },
    backups: {
      sound: true,
      verifier: null,
      comment: JSON.stringify({ laterbase: 1, owner: record.owner, verifier: null }),
      ...{ lacks: [], unset: [], denied: [], closed: [] },
    },
    block: hbaBlock(record.owner, [...hbaRules("laterbase_dev", ["samenet"]), rule]).trimEnd(),
    ident: identBlock(record.owner, rule).trimEnd(),
    archive: {
      archive_mode: { value: "on", file: "/etc/laterbase/postgresql.conf" },
      archive_command: { value: "/bin/true", file: "/etc/pgbackrest/archive.conf" },
      archive_timeout: { value: "60", file: "/etc/pgbackrest/archive.conf" },
      archive_library: { value: "", file: null },
    },
    configuration: {
      written: { "pgbackrest.conf": digest("a"), "archive.conf": digest("b") },
      now: { "pgbackrest.conf": digest("a"), "archive.conf": digest("b"), "old.txt": digest("c") },
    },
  });
  const seen = (change: (observation: Observation) => void) => {
    const observation = withBackups();
    change(observation);
    return drift({ ...expected, backupRole: role }, observation);
  };

  it("has no drift where everything is as it was left", () => {
    expect(seen(() => undefined)).toEqual({});
  });

  const others: [string, (observation: Observation) => void, Record<string, string>][] = [
    [
      "a dropped role that backs up",
      (one) => (one.backups = null),
      { backups: "role laterbase_dev_backups is gone" },
    ],
    [
      "a password of it",
      (one) => (one.backups!.verifier = "x"),
      { backups: "role laterbase_dev_backups has another password" },
    ],
    [
      "a revoked function",
      (one) => (one.backups!.denied = ["pg_catalog.pg_switch_wal()"]),
      { backups: "role laterbase_dev_backups may not call pg_catalog.pg_switch_wal()" },
    ],
    [
      "a line of pg_hba.conf that is gone",
      (one) => (one.missing = { [role]: ["its socket"] }),
      { hba: "pg_hba.conf does not let laterbase_dev_backups in from its socket" },
    ],
    [
      "another map",
      (one) => (one.ident = one.ident!.replace("postgres", "root")),
      { hba: "our block in pg_ident.conf was changed" },
    ],
    [
      "an edited file",
      (one) => (one.configuration!.now["pgbackrest.conf"] = digest("d")),
      { configuration: "pgbackrest.conf of pgBackRest was edited" },
    ],
    [
      "a file that is gone",
      (one) => delete one.configuration!.now["pgbackrest.conf"],
      { configuration: "pgbackrest.conf of pgBackRest is gone, or cannot be read" },
    ],
    [
      "a file more that pgBackRest would read",
      (one) => (one.configuration!.now["conf.d/mine.conf"] = digest("d")),
      { configuration: "conf.d/mine.conf was added to the configuration of pgBackRest" },
    ],
    [
      "an emptied volume",
      (one) => (one.configuration = { now: {} }),
      { configuration: "the configuration of pgBackRest is gone" },
    ],
    [
      "a setting of ALTER SYSTEM",
      (one) => (one.archive["archive_command"]!.file = "/d/postgresql.auto.conf"),
      {
        configuration:
          "archive_command comes from /d/postgresql.auto.conf, not from the configuration",
      },
    ],
    [
      "a library in place of the command",
      (one) => (one.archive["archive_library"]!.value = "basic_archive"),
      { configuration: "archive_library overrules archive_command" },
    ],
    ["a container of an older release", (one) => delete one.configuration, {}],
  ];

  it.each(others)("names %s, or finds no drift in it", (_, change, sentences) => {
    expect(seen(change)).toEqual(sentences);
  });

  it("without backups takes a volume that was never written for a step that has not run", () => {
    const observation = { ...sound(), configuration: { now: {} } };
    expect(drift(expected, observation)).toEqual({});
  });
});

it("reads the digests behind the observation, those that were written first", () => {
  const [a, b] = ["a".repeat(64), "b".repeat(64)];
  const line = '{"slots":{}}';
  expect(readObservation(`${line}\n`)).toEqual({ slots: {} });
  expect(readObservation(`${line}\n\n${a}  x.conf\n`)).toEqual({
    slots: {},
    configuration: { now: { "x.conf": a } },
  });
  expect(readObservation(`${line}\n${a}  conf.d/a b.conf\n\n${b}  x.conf\n`)).toEqual({
    slots: {},
    configuration: { written: { "conf.d/a b.conf": a }, now: { "x.conf": b } },
  });
});
