import { uploadedPaths } from "../../../../scripts/wrapper/recover/uploads";

const [modified, added, deleted] = [0, 1, 2] as const;
const change = (Path: string, Kind: number = added) => ({ Path, Kind });

it("copies a folder that was added as a whole, and a file alone where the image has the folder", () => {
  const changes = [
    change("/etc", modified),
    change("/etc/laterbase"),
    change("/etc/laterbase/pgpass"),
    change("/etc/laterbase/init"),
    change("/etc/laterbase/init/1.sql"),
    change("/usr", modified),
    change("/usr/local", modified),
    change("/usr/local/bin", modified),
    change("/usr/local/bin/laterbase-health"),
  ];
  expect(uploadedPaths(changes, [])).toEqual(["/etc/laterbase", "/usr/local/bin/laterbase-health"]);
});

it("copies the pooler's configuration with the link to the one in force", () => {
  const changes = [
    change("/etc", modified),
    change("/etc/pgbouncer", modified),
    change("/etc/pgbouncer/configuration.17"),
    change("/etc/pgbouncer/configuration.17/pgbouncer.ini"),
    change("/etc/pgbouncer/current"),
    change("/run/laterbase", modified),
    change("/run/laterbase/status"),
  ];
  expect(uploadedPaths(changes, [])).toEqual([
    "/etc/pgbouncer/configuration.17",
    "/etc/pgbouncer/current",
  ]);
});

it("copies a file of the image that was changed, and nothing that was deleted", () => {
  const changes = [
    change("/etc", modified),
    change("/etc/ofelia", modified),
    change("/etc/ofelia/config.ini", modified),
    change("/etc/motd", deleted),
  ];
  expect(uploadedPaths(changes, [])).toEqual(["/etc/ofelia/config.ini"]);
});

it("leaves out Docker's own files and what is in a volume", () => {
  const changes = [
    change("/etc", modified),
    ...["/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/etc/mtab"].map((one) => change(one)),
    change("/etc/data"),
    change("/etc/data/file"),
    change("/var/lib/x"),
    change("/etcetera"),
  ];
  expect(uploadedPaths(changes, ["/etc/data"])).toEqual([]);
});
