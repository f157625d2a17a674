import { renderServerConf, renderSettings } from "../../../components/kit/serverConf";
import { leastMemory, serverMemory } from "../../../components/kit/serverMemory";
import { renderPrimaryConf } from "../../../components/primary/primaryConf";

const timeZone = "Etc/UTC";

it("keeps what servers have without the key", () => {
  expect(serverMemory(undefined)).toEqual({
    limit: 2048,
    shm: 256,
    conf: "shared_buffers = '256MB'\n",
  });
  expect(renderServerConf({ timeZone })).toBe(`listen_addresses = '*'
port = 5432
password_encryption = 'scram-sha-256'
shared_buffers = '256MB'
# Between checkpoints a page is logged whole once: restoring 2 GB writes 1.8 GB of WAL so, 3 GB at 1GB.
max_wal_size = '4GB'
huge_pages = off
timezone = 'Etc/UTC'
log_timezone = 'Etc/UTC'
lc_messages = 'C'
`);
  expect(renderPrimaryConf({ timeZone })).toMatch(
    /archive_command = '[^\n]*'\ninclude_if_exists = '\/etc\/pgbackrest\/archive.conf'\n$/,
  );
});

it.each([
  ["512MB", 512, 256, ["128MB", "384MB", "32MB"]],
  ["4GB", 4096, 1024, ["1024MB", "3072MB", "256MB"]],
  ["64GB", 65536, 16384, ["16384MB", "49152MB", "1024MB"]],
] as const)("derives the rest from %s", (memory, limit, shm, [buffers, cache, maintenance]) => {
  expect(serverMemory(memory)).toEqual({
    limit,
    shm,
    conf: `shared_buffers = '${buffers}'
effective_cache_size = '${cache}'
maintenance_work_mem = '${maintenance}'
`,
  });
});

it("needs more for more connections", () => {
  expect([10, 100, 1000].map(leastMemory)).toEqual([376, 1456, 12256]);
});

it("has as many senders and slots as the standbys need, and never fewer than before", () => {
  const limits = (standbys?: number) =>
    /max_wal_senders = (\d+)\nmax_replication_slots = (\d+)\n/
      .exec(renderPrimaryConf({ timeZone, standbys }))!
      .slice(1);
  expect([undefined, 5, 6, 12].map(limits)).toEqual([
    ["10", "10"],
    ["10", "10"],
    ["12", "10"],
    ["24", "12"],
  ]);
});

it("ends with the settings, where a reload's are a file of its own", () => {
  const settings = { work_mem: "64MB", max_worker_processes: "12", wal_buffers: "16MB" };
  expect(renderPrimaryConf({ timeZone, settings })).toMatch(
    /\n# laterbase:primary.settings\nmax_worker_processes = '12'\nwal_buffers = '16MB'\ninclude_if_exists = '\/var\/lib\/postgresql\/primary\/settings.conf'\n$/,
  );
  expect(renderSettings("standby", settings)).toBe(`# laterbase:primary.settings
wal_buffers = '16MB'
include_if_exists = '/var/lib/postgresql/standby/settings.conf'
`);
  expect(renderSettings("standby", undefined)).toBe("");
});
