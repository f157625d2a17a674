import {
  isPointName,
  readRestoreOptions,
  type RestoreOptions,
} from "../../../contract/restoreTarget";

const wall = Date.UTC(2026, 10, 29, 12) * 1000;

it.each<[RestoreOptions, object]>([
  [{}, { target: { kind: "latest" } }],
  [{ immediate: true }, { target: { kind: "immediate" } }],
  [{ immediate: false }, { target: { kind: "latest" } }],
  [{ toTime: "2026-11-29 12:00" }, { target: { kind: "time", time: { wall } } }],
  [
    { toTime: "2026-11-29 12:00+01" },
    { target: { kind: "time", time: { wall, offsetMinutes: 60 } } },
  ],
  [{ toXid: "742" }, { target: { kind: "xid", xid: 742 } }],
  [{ toXid: "4294967295" }, { target: { kind: "xid", xid: 4_294_967_295 } }],
  // After the first wraparound.
  [{ toXid: "4294968038" }, { target: { kind: "xid", xid: 742, full: "4294968038" } }],
  [
    { toXid: "18446744073709551615" },
    { target: { kind: "xid", xid: 4_294_967_295, full: "18446744073709551615" } },
  ],
  [{ toXid: "0000000000000000742" }, { target: { kind: "xid", xid: 742 } }],
  [{ toLsn: "0/05000098" }, { target: { kind: "lsn", lsn: "0/5000098" } }],
  [{ toLsn: "a/ff" }, { target: { kind: "lsn", lsn: "A/FF" } }],
  [{ toName: "before release 2" }, { target: { kind: "name", name: "before release 2" } }],
  [
    { set: "20261129-020000F_20261129-060000I", timeline: "2", inPlace: true, toXid: "3" },
    {
      target: { kind: "xid", xid: 3 },
      set: "20261129-020000F_20261129-060000I",
      timeline: 2,
      inPlace: true,
    },
  ],
])("%j is read", (options, wish) => {
  expect(readRestoreOptions(options)).toEqual(wish);
});

it.each<[RestoreOptions, string]>([
  [
    { toTime: "noon" },
    '--to-time takes a date and a time, such as --to-time "2026-11-29 12:00:00+00:00", and not "noon".',
  ],
  [
    { toXid: "2" },
    '--to-xid takes the number of a transaction, such as --to-xid 742, and not "2".',
  ],
  [
    { toXid: "4294967296" },
    '--to-xid takes the number of a transaction, such as --to-xid 742, and not "4294967296".',
  ],
  [
    { toXid: "18446744073709552358" },
    '--to-xid takes the number of a transaction, such as --to-xid 742, and not "18446744073709552358".',
  ],
  [
    { toLsn: "5000098" },
    '--to-lsn takes a place in the WAL, such as --to-lsn 0/5000098, and not "5000098".',
  ],
  [
    { toName: "x' \narchive_command = 'rm" },
    "--to-name takes the name of a restore point, of at most 63 bytes without quotes and backslashes, and without " +
      `white space at its ends, such as --to-name before_release, and not "x' \\narchive_command = 'rm".`,
  ],
  [
    { set: "latest" },
    '--set takes the label of a backup, such as --set 20261129-020000F, and not "latest".',
  ],
  [
    { timeline: "0000000A" },
    '--timeline takes the number of a timeline, such as --timeline 2, and not "0000000A".',
  ],
  [
    { toTime: "2026-11-29 12:00", toName: "x" },
    "--to-time and --to-name do not go together: a restore has one target.",
  ],
  [
    { toLsn: "0/1", immediate: true },
    "--to-lsn and --immediate do not go together: a restore has one target.",
  ],
])("%j is refused in one sentence with an example", (options, problem) => {
  expect(readRestoreOptions(options)).toEqual({ problem });
});

it("counts the bytes of a restore point's name, and allows nothing that ends a setting", () => {
  expect(["é".repeat(31), "é".repeat(32)].map(isPointName)).toEqual([true, false]);
  const bad = [
    "",
    "a'b",
    'a"b',
    "a\\b",
    "a\nb",
    "a\u202eb",
    "a\u0000",
    " a",
    "a ",
    "a\u00a0",
    "\u3000a",
  ];
  expect(bad.filter(isPointName)).toEqual([]);
});
