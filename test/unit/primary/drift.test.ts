import { drift, hbaBlock, type Observation } from "../../../scripts/primary";

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
  cap: 10240,
  otherCap: null,
  missing: [],
  block: hbaBlock(record.owner, "laterbase_dev", ["samenet"]).trimEnd(),
});
const kept = (change: object) => JSON.stringify({ ...record, ...change });

it("finds none where everything is as it was left", () => {
  expect(drift(expected, sound())).toEqual({});
});

const changes: [string, (seen: Observation) => void, Record<string, string>][] = [
  [
    "another password",
    (seen) => (seen.role!.verifier = "x"),
    { role: "role laterbase_dev has another password" },
  ],
  [
    "a role without LOGIN",
    (seen) => (seen.role!.sound = false),
    { role: "role laterbase_dev has other attributes" },
  ],
  [
    "a dropped slot",
    (seen) => (seen.slots = {}),
    { "slot-standby": "slot laterbase_standby_slot is gone" },
  ],
  [
    "a lost slot",
    (seen) => (seen.slots.laterbase_standby_slot!.status = "lost"),
    { "slot-standby": "slot laterbase_standby_slot lost its WAL" },
  ],
  [
    "a lowered cap",
    (seen) => (seen.cap = 64),
    { cap: "max_slot_wal_keep_size is 64 MB instead of 10240 MB" },
  ],
  ["a larger cap of another stack", (seen) => (seen.cap = seen.otherCap = 20480), {}],
  [
    "a removed block",
    (seen) => Object.assign(seen, { block: null, missing: ["samenet"] }),
    { hba: "pg_hba.conf does not let laterbase_dev in from samenet" },
  ],
  ["lines put there by hand instead of the block", (seen) => (seen.block = null), {}],
  [
    "a line more in the block",
    (seen) => (seen.block = seen.block!.replace("\n# END", "\nhost all all all trust\n# END")),
    { hba: "our block in pg_hba.conf was changed" },
  ],
  [
    "a dropped role",
    (seen) => (seen.role = null),
    {
      role: "role laterbase_dev is gone",
      cap: "the record of max_slot_wal_keep_size is lost",
      "slot-standby": "the record of slot laterbase_standby_slot is lost",
      "slot-other": "slot laterbase_other_slot is gone",
      hba: "the record of our block in pg_hba.conf is lost",
    },
  ],
  [
    "a comment of somebody's",
    (seen) => (seen.role!.comment = "{mine"),
    {
      role: "role laterbase_dev lost its ownership record",
      cap: "the record of max_slot_wal_keep_size is lost",
      "slot-standby": "the record of slot laterbase_standby_slot is lost",
      "slot-other": "slot laterbase_other_slot is gone",
      hba: "the record of our block in pg_hba.conf is lost",
    },
  ],
  ["another owner's role", (seen) => (seen.role!.comment = kept({ owner: "x/y#1" })), {}],
  ["a cap never set", (seen) => (seen.role!.comment = kept({ cap: undefined })), {}],
  ["a block never written", (seen) => (seen.role!.comment = kept({ hba: undefined })), {}],
];

it.each(changes)("says of %s what is to say", (_, change, sentences) => {
  const seen = sound();
  change(seen);
  expect(drift(expected, seen)).toEqual(sentences);
});
