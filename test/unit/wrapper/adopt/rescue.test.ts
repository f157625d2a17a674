import { Readable } from "node:stream";
import type Docker from "dockerode";
import { pack } from "tar-stream";
import { connect } from "../../../../scripts/engine/connect";
import { rescue } from "../../../../scripts/wrapper/adopt/rescue";

jest.mock("../../../../scripts/engine/connect");

const gone = Object.assign(new Error("no such file"), { statusCode: 404 });

/** Containers with files, by their ids. */
function containers(files: Record<string, Record<string, string>>) {
  const archive = (text: string | undefined) => {
    if (text === undefined) return Promise.reject(gone);
    const tar = pack();
    tar.entry({ name: "file" }, text);
    tar.finalize();
    return Promise.resolve(Readable.from(tar));
  };
  jest.mocked(connect).mockReturnValue({
    getContainer: (id: string) => ({
      getArchive: ({ path }: { path: string }) => archive(files[id]?.[path]),
    }),
  } as unknown as Docker);
  return Object.keys(files).map((role) => ({
    ...{ kind: "container" as const, id: role, name: `laterbase-dev-${role}`, host: "" },
  }));
}

const conf = "/etc/pgbackrest/conf.d/repo.conf";

it("gives a replaced secret to the resource of the number in force", async () => {
  const found = containers({
    pgadmin: { "/etc/laterbase/password": "third\n" },
    duplicati: { "/etc/laterbase/web-password": "first", "/etc/laterbase/settings-key": "key" },
  });
  expect(await rescue(found, { prefix: "laterbase-dev", rotations: { pgadmin: 2 } })).toEqual({
    "pgadmin-password-2": "third",
    "duplicati-password": "first",
    "duplicati-settings-key": "key",
  });
});

it("finds the passphrase of the backups in the primary's container where the agent's is gone", async () => {
  const found = containers({ primary: { [conf]: "[global]\nrepo1-cipher-pass=secret\n" } });
  expect(await rescue(found, { prefix: "laterbase-dev", encrypted: 1 })).toEqual({
    "pgbackrest-passphrase": "secret",
  });
  expect(await rescue(found, { prefix: "laterbase-dev" })).toEqual({});
});
