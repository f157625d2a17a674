import {
  containerName,
  containerRoles,
  dataFolder,
  formerOwner,
  isReservedRole,
  ownerName,
  ownerNumber,
  ownerRecord,
  restoreRoleName,
  schedulerNetwork,
  serverVolumes,
  serviceVolumes,
  slotName,
  socketFolder,
  stackPrefix,
  superuserRecord,
} from "../../../contract/names";
import { parseConfig } from "../../../components/config";

const prefix = stackPrefix("laterbase", "dev");
const primary = { kind: "managed", version: 17, port: 5432, databases: ["app"] };

const parsed = (name: string) =>
  parseConfig({ primary, standbys: [{ name, port: 5433 }] }, "Pulumi.dev.yaml");

it("begin with the project and the stack", () => {
  expect(prefix).toBe("laterbase-dev");
  expect(containerName(prefix, "agent")).toBe("laterbase-dev-agent");
  expect(schedulerNetwork(prefix)).toBe("laterbase-dev-scheduler");
  expect(slotName("standby_2")).toBe("laterbase_standby_2_slot");
});

it("of a server's folders are the ones that its image knows", () => {
  expect(socketFolder("primary")).toBe("/run/pg/primary");
  expect(dataFolder("standby")).toBe("/var/lib/postgresql/standby");
  expect(superuserRecord).toBe("/var/lib/postgresql/primary/superuser-verifier");
});

const writable = containerRoles.filter((role) => !role.includes("-"));
it.each(writable)("a standby may not be called %s, as another container is", (name) => {
  expect(isReservedRole(name)).toBe(true);
  expect(() => parsed(name)).toThrow(
    `laterbase:standbys must not name a standby "${name}", because a container of another kind has ` +
      'that name; choose another one, such as "standby" (set in Pulumi.dev.yaml).',
  );
});

it("a role with a hyphen is no standby's name in any case", () => {
  expect(() => parsed("scheduler-proxy")).toThrow("must be a name of a–z, 0–9 and _");
});

it.each(["backups", "agent_records", "pgadmin_data", "standby", "data", "primary_2"])(
  "a standby %s has containers and volumes of its own",
  (name) => {
    expect(() => parsed(name)).not.toThrow();
    const containers = [...containerRoles, name].map((role) => containerName(prefix, role));
    const volumes = [
      ...Object.values(serverVolumes(prefix, "primary")),
      ...Object.values(serverVolumes(prefix, name)),
      ...Object.values(serviceVolumes(prefix)),
    ];
    expect(new Set(containers).size).toBe(containers.length);
    expect(new Set(volumes).size).toBe(volumes.length);
  },
);

it("of a restore's role fits into a name of PostgreSQL, whatever the stack is called", () => {
  expect(restoreRoleName("dev")).toBe("laterbase_dev_restore");
  expect(restoreRoleName("x".repeat(80))).toBe(`laterbase_${"x".repeat(45)}_restore`);
});

it("of an owner is recorded in a form that no earlier release wrote, and leads back to that one", () => {
  const owner = ownerName("laterbase", "v.2");
  expect(ownerRecord(owner, "1a2b3c4d")).toBe("laterbase/v.2#1a2b3c4d.2");
  expect(formerOwner(ownerRecord(owner, "1a2b3c4d"))).toBe("laterbase/v.2#1a2b3c4d");
  expect(ownerNumber(ownerRecord(owner, "1a2b3c4d"))).toBe("1a2b3c4d");
  expect(ownerNumber(`${owner}#1a2b3c4d`)).toBe("1a2b3c4d");
  expect(ownerNumber(owner)).toBeUndefined();
  for (const record of [owner, `${owner}#1a2b3c4d`, ""])
    expect(formerOwner(record)).toBeUndefined();
});
