import { execa } from "execa";
import type { Context } from "../../../../scripts/agent/kit/context";
import { repositoryDisks } from "../../../../scripts/agent/pgBackRest/disks";

jest.mock("execa", () => ({ execa: jest.fn() }));

const at = (number: number, type: string, location: string) => ({ number, type, location });
const contextOf = (...repositories: object[]) =>
  ({ config: { backups: { repositories } } }) as unknown as Context;

/** What `stat` says of each folder; it hangs where there is nothing. */
function statSays(said: Record<string, (words: string[]) => object | undefined>) {
  const asked: string[] = [];
  jest.mocked(execa).mockImplementation(((_stat: string, words: string[]) => {
    const folder = words.at(-1)!;
    asked.push(folder);
    const answer = said[folder]?.(words);
    return answer ? Promise.resolve(answer) : new Promise(() => undefined);
  }) as never);
  return asked;
}

const room = (words: string[]) => ({
  stdout: words.includes("-f") ? "4096 1000 250" : "2049",
  failed: false,
});

it("asks for the room of each repository in a folder, and leaves out what gives none", async () => {
  const asked = statSays({
    "/var/lib/pgbackrest/repo2": room,
    "/var/lib/pgbackrest/repo4": () => ({ stdout: "", failed: true }),
  });
  const context = contextOf(
    at(1, "posix", "volume laterbase-dev-repositories"),
    at(2, "posix", "/mnt/usb"),
    at(3, "s3", "bucket x"),
    at(4, "posix", "/mnt/nas"),
  );
  expect(await repositoryDisks(context)).toEqual([
    { dev: 2049, holds: "repository 2", bytes: 4_096_000, free: 1_024_000 },
  ]);
  expect([...new Set(asked)]).toEqual(["/var/lib/pgbackrest/repo2", "/var/lib/pgbackrest/repo4"]);
});

it("does not ask again where a process still waits for the disk", async () => {
  const asked = statSays({});
  const context = contextOf(at(5, "posix", "/mnt/dead"));
  void repositoryDisks(context);
  expect(await repositoryDisks(context)).toEqual([]);
  expect(asked).toEqual(["/var/lib/pgbackrest/repo5"]);
});
