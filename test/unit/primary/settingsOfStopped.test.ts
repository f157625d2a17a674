import type Docker from "dockerode";
import { extract } from "tar-stream";
import { text } from "node:stream/consumers";
import { settingsOfStopped } from "../../../scripts/primary/settingsOfStopped";

/** An engine with one container in a state; absent: it has none. */
function engineWith(state: { Running: boolean; Restarting: boolean } | undefined) {
  const done: string[] = [];
  const container = {
    inspect: () =>
      state
        ? Promise.resolve({ State: state })
        : Promise.reject(Object.assign(new Error("no such container"), { statusCode: 404 })),
    putArchive: async (archive: Buffer, { path }: { path: string }) => {
      const tar = extract();
      tar.end(archive);
      for await (const entry of tar) {
        const { name, mode, uid, gid } = entry.header;
        done.push(`${path}/${name} ${mode?.toString(8)} ${uid}:${gid} ${await text(entry)}`);
      }
    },
    restart: () => Promise.resolve(void done.push("restart")),
  };
  return { engine: { getContainer: () => container } as unknown as Docker, done };
}

const input = { kind: "primary" as const, reload: { max_wal_size: "1GB" } };
const written = "/var/lib/postgresql/primary/settings.conf 600 999:999 max_wal_size = '1GB'\n";

it.each([
  ["ended and waits for its next start", { Running: true, Restarting: true }, [written, "restart"]],
  ["was stopped", { Running: false, Restarting: false }, [written]],
  ["runs", { Running: true, Restarting: false }, []],
  ["is not there", undefined, []],
])("a server that %s gets what it needs", async (_, state, expected) => {
  const { engine, done } = engineWith(state);
  expect(await settingsOfStopped(engine, "p", input)).toBe(expected.length > 0);
  expect(done).toEqual(expected);
});
