import { execa } from "execa";
import type { Context } from "../../../../scripts/agent/kit/context";
import { repositoryDisks } from "../../../../scripts/agent/pgBackRest/disks";

jest.mock("execa", () => ({ execa: jest.fn() }));

it("asks for the room of each repository in a folder, and leaves out what does not answer", async () => {
  const repositories = [
    { number: 1, type: "posix", location: "volume laterbase-dev-repositories" },
    { number: 2, type: "posix", location: "/mnt/usb" },
    { number: 3, type: "s3", location: "bucket x" },
    { number: 4, type: "posix", location: "/mnt/nas" },
  ];
  const context = { config: { backups: { repositories } } } as unknown as Context;
  const asked: string[] = [];
  jest.mocked(execa).mockImplementation(((_bash: string, words: string[]) => {
    const folder = words.at(-1)!;
    asked.push(folder);
    return Promise.resolve({ stdout: folder.endsWith("2") ? "2049\n4096 1000 250" : "" });
  }) as never);
  expect(await repositoryDisks(context)).toEqual([
    { dev: 2049, holds: "repository 2", bytes: 4_096_000, free: 1_024_000 },
  ]);
  expect(asked).toEqual(["/var/lib/pgbackrest/repo2", "/var/lib/pgbackrest/repo4"]);
});
