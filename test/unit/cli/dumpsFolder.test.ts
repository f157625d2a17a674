import { dumpsFolderFinding } from "../../../scripts/cli/servers/dumpsFolder";

const image = () => Promise.resolve("laterbase/postgres:17-abc");

function finding(known: boolean | undefined | Error, config: object = { path: "/mnt/usb" }) {
  const asked: string[] = [];
  const looks = (_engine: unknown, with_: string, folder: string) => {
    asked.push(`${with_} ${folder}`);
    return known instanceof Error ? Promise.reject(known) : Promise.resolve(known);
  };
  const settings = { dumps: config, duplicati: {} } as never;
  return dumpsFolderFinding(settings, image, looks).then((found) => ({ found, asked }));
}

it("names a folder that knows no groups, by its key", async () => {
  const { found, asked } = await finding(false);
  expect(asked).toEqual(["laterbase/postgres:17-abc /mnt/usb"]);
  expect(found).toMatchObject({
    level: "warn",
    id: "dumps-path-groups",
    finding:
      "The folder of laterbase:dumps.path, /mnt/usb, is on a file system that keeps no group and no mode of a file, such as exFAT or a share of Windows.",
    means: expect.stringContaining("it may upload nothing"),
  });
});

it.each([[true], [undefined]])("says nothing where the answer is %s", async (known) => {
  expect((await finding(known)).found).toBeUndefined();
});

it("asks nothing where the dumps are in a volume", async () => {
  expect(await finding(false, {})).toEqual({ found: undefined, asked: [] });
});

it("says that an engine did not answer, and does not stop the other checks", async () => {
  expect((await finding(new Error("connect ENOENT"))).found).toMatchObject({
    level: "note",
    finding: expect.stringContaining("was not checked, because the engine does not answer"),
  });
});
