import { DuplicatiClient } from "../../../../scripts/agent/duplicati/client";
import { withoutQueries } from "../../../../scripts/agent/duplicati/run";
import { withoutKeys } from "../../../../scripts/agent/duplicati/withoutKeys";

it.each([
  ["s3://bucket/x?aws-secret-access-key=hush&y=1 (host)", "s3://bucket/x (host)"],
  ["of ssh://me:hu@sh@nas.local:22/backups?auth-password=hush", "of ssh://nas.local:22/backups"],
  ['"webdavs://me:hush@nas" and mail me@nas', '"webdavs://nas" and mail me@nas'],
  ["no key at https://nas/@eaDir/x", "no key at https://nas/@eaDir/x"],
])("a target's keys are in no sentence: %s", (said, expected) => {
  expect(withoutKeys(said)).toBe(expected);
  expect(withoutQueries(`${said}\nat`)).toBe(`${expected}.`);
});

it("nor in what Duplicati says of a job that it refuses", async () => {
  const fetched = jest.spyOn(globalThis, "fetch").mockImplementation((url) => {
    const isLogin = (url as URL).pathname.endsWith("/login");
    return Promise.resolve(
      isLogin
        ? Response.json({ AccessToken: "token" })
        : Response.json({ Error: "Bad ssh://me:hush@nas/x?auth-key=hush" }, { status: 400 }),
    );
  });
  const duplicati = new DuplicatiClient("http://duplicati", "web", new AbortController().signal);
  await expect(duplicati.put("/backup/1", {})).rejects.toThrow(
    "Duplicati answered 400: Bad ssh://nas/x",
  );
  fetched.mockRestore();
});
