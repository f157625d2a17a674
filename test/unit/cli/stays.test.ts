import type { ExportedState, StateResource } from "../../../scripts/cli/stack/exportedState";
import {
  ownImages,
  dataFolders,
  keptLogins,
  staysOnMachines,
  withoutOutputs,
} from "../../../scripts/cli/stack/stays";

const resource = (
  type: string,
  name: string,
  more: Partial<StateResource> = {},
): StateResource => ({
  urn: `urn:pulumi:dev::laterbase::${type}::${name}`,
  type,
  ...more,
});
const provider = "urn:pulumi:dev::laterbase::pulumi:providers:docker::far::0f3a";
const image = (name: string, more: object = {}) =>
  resource("docker:index/remoteImage:RemoteImage", name, {
    inputs: { name: `laterbase/${name}:17-abc`, build: { context: "x" } },
    ...more,
  });
const container = (name: string, volumes: object[], more: object = {}) =>
  resource("docker:index/container:Container", name, { inputs: { volumes }, ...more });
const password = (name: string, parent = "urn::component") =>
  resource("random:index/randomPassword:RandomPassword", name, { parent });
const prepared = resource("laterbase:index:PreparedPrimary", "preparation");

const state: ExportedState = {
  deployment: {
    resources: [
      resource("pulumi:pulumi:Stack", "laterbase-dev", {
        outputs: {
          backups: {
            repositories: [
              { number: 1, type: "posix", location: "volume laterbase-dev-repositories" },
              { number: 2, type: "posix", location: "/srv/repository" },
              { number: 3, type: "s3", location: "bucket b at s3.nas.local" },
            ],
          },
        },
      }),
      resource("pulumi:providers:docker", "far", { inputs: { host: "ssh://nas" } }),
      prepared,
      image("postgres"),
      image("postgres"),
      image("agent"),
      image("standby-postgres", { provider }),
      resource("docker:index/remoteImage:RemoteImage", "pulled", {
        inputs: { name: "dpage/pgadmin4:9.17" },
      }),
      resource("docker:index/remoteImage:RemoteImage", "pushed", {
        inputs: { name: `r.example.com/p/pgbouncer@sha256:${"1".repeat(64)}` },
      }),
      container("agent", [
        { hostPath: "/srv/my backups", containerPath: "/backups" },
        { volumeName: "records", containerPath: "/var/lib/laterbase/records" },
      ]),
      container("duplicati", [
        { hostPath: "/srv/my backups", containerPath: "/backups", readOnly: true },
        { volumeName: "archive", containerPath: "/archive" },
      ]),
      container("scheduler-proxy", [
        { hostPath: "/var/run/docker.sock", containerPath: "/var/run/docker.sock" },
      ]),
      container("primary", [
        { volumeName: "repositories", containerPath: "/var/lib/pgbackrest" },
        { hostPath: "/srv/repository", containerPath: "/var/lib/pgbackrest/repo2" },
      ]),
      container("far", [{ hostPath: "/mnt/dumps", containerPath: "/backups" }], { provider }),
      password("pooler-admin"),
      password("duplicati-password"),
      password("preparation-replication-password", prepared.urn),
    ],
  },
};

it("names the folders with data, each once", () => {
  expect(dataFolders(state)).toEqual([
    { host: "", path: "/srv/my backups", holds: "dumps" },
    { host: "", path: "/srv/repository", holds: "repository" },
    { host: "ssh://nas", path: "/mnt/dumps", holds: "dumps" },
  ]);
});

it("names the images of ours, built or pulled by digest, and none of other makers", () => {
  expect(ownImages(state)).toEqual([
    { host: "", name: "laterbase/postgres:17-abc" },
    { host: "", name: "laterbase/agent:17-abc" },
    { host: "ssh://nas", name: "laterbase/standby-postgres:17-abc" },
    { host: "", name: `r.example.com/p/pgbouncer@sha256:${"1".repeat(64)}` },
  ]);
});

it("keeps every login, except those of roles that are dropped on the primary", () => {
  const names = keptLogins(state).map((urn) => urn.split("::").at(-1));
  expect(names).toEqual(["pooler-admin", "duplicati-password"]);
});

it("says what stays and how to remove it", () => {
  expect(staysOnMachines(state)).toEqual([
    "Kept: the folder /srv/my backups with the dumps. To remove it: rm -r '/srv/my backups'",
    "Kept: the folder /srv/repository with a repository of backups. To remove it: rm -r /srv/repository",
    "Kept: the folder /mnt/dumps on ssh://nas with the dumps. To remove it: rm -r /mnt/dumps",
    "Kept: repository 3 of the backups, bucket b at s3.nas.local.",
    "Kept: 3 images. To remove: docker image rm laterbase/postgres:17-abc laterbase/agent:17-abc " +
      `r.example.com/p/pgbouncer@sha256:${"1".repeat(64)}`,
    "Kept: 1 image on ssh://nas. To remove: docker -H ssh://nas image rm laterbase/standby-postgres:17-abc",
  ]);
  expect(staysOnMachines({ deployment: {} })).toEqual([]);
});

it("forgets the stack's outputs, and no resource's", () => {
  const outputs = { primary: { host: "127.0.0.1" } };
  const root = resource("pulumi:pulumi:Stack", "laterbase-dev", { outputs });
  const volume = resource("docker:index/volume:Volume", "data", { outputs: { name: "v" } });
  expect(withoutOutputs({ deployment: { resources: [root, volume] } })).toEqual({
    deployment: { resources: [{ ...root, outputs: {} }, volume] },
  });
  expect(withoutOutputs({ deployment: {} })).toEqual({ deployment: {} });
});
