import { postgresImage } from "../../../images/build/postgres";
import { ok, run } from "../../support/process";
import { Stack } from "../../support/stack";

// A setting that PostgreSQL refuses, where the servers' image is not built yet: on a machine that has none, and where
// the same `up` adds an extension. No server is made or stopped. The image is the test's own, and goes at its end.
jest.setTimeout(900_000);

const stack = new Stack("t-refused");
const base = { kind: "managed", version: 17, port: 18775, databases: ["app"] };
const primary = stack.container("primary");

/** Brings the stack up with these keys of the primary, or previews it, by what people run. */
async function applied(command: "up" | "preview", keys: object) {
  await stack.configure({ primary: { ...base, ...keys } });
  const { code, stdout, stderr } = await stack.wrapped(
    command,
    ...(command === "up" ? ["--yes"] : []),
  );
  return { code, said: (stdout + stderr).replace(/\s+/g, " ") };
}
const lives = () => ok("docker", ["inspect", "--format", "{{.Id}} {{.State.StartedAt}}", primary]);

const image = postgresImage(17, ["semver"]);
/** Removes the image with the extension, which only this test uses. */
const removeImage = () => run("docker", ["image", "rm", image.tag]);

beforeAll(removeImage);
afterAll(async () => {
  await stack.remove();
  await removeImage();
}, 300_000);

const wrong = { work_mem: "abc", no_such_thing: 1, shared_preload_libraries: "no_such_library" };
const sentences = [
  'laterbase:primary.settings.work_mem is refused by PostgreSQL 17: invalid value for parameter "work_mem": "abc".',
  'laterbase:primary.settings.no_such_thing is refused by PostgreSQL 17: unrecognized configuration parameter "no_such_thing".',
  "laterbase:primary.settings.shared_preload_libraries must name libraries that the image has; it lacks no_such_library.",
];

it("makes no server on a machine without the image, and says each reason", async () => {
  const { code, said } = await applied("up", { settings: wrong, extensions: ["semver"] });
  expect(code).toBe(1);
  for (const sentence of sentences) expect(said).toContain(sentence);
  expect((await run("docker", ["inspect", primary])).code).not.toBe(0);
});

it("goes on with right ones", async () => {
  const { code, said } = await applied("up", { settings: { work_mem: "8MB" } });
  expect([code, code === 0 ? "" : said]).toEqual([0, ""]);
});

it("stops no server where the same up builds another image, and warns in the preview", async () => {
  await removeImage();
  const started = await lives();
  const keys = { settings: wrong, extensions: ["semver"] };
  const preview = await applied("preview", keys);
  expect(preview.code).toBe(0);
  // The library may come with the new image.
  for (const sentence of sentences.slice(0, 2)) {
    const set = `${sentence.slice(0, -1)} (set in Pulumi.t-refused.yaml). So 'up' will refuse this.`;
    expect(preview.said).toContain(set);
  }
  expect(preview.said).not.toContain("it lacks no_such_library");
  // The check is no change that anybody notices.
  expect(preview.said).not.toContain("settings-check");
  const { code, said } = await applied("up", {
    ...keys,
    settings: { shared_preload_libraries: "no_such_library" },
  });
  expect([code, said]).toEqual([1, expect.stringContaining(sentences[2]!)]);
  expect(await lives()).toBe(started);
  const show = ["psql", "-XAtqh", "/run/pg/primary", "-U", "postgres", "-c", "SHOW work_mem"];
  expect((await ok("docker", ["exec", primary, ...show])).trim()).toBe("8MB");
});
