import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { backendFolder, backendUrl } from "../../../scripts/cli/stack/backend";

const home = mkdtempSync(join(tmpdir(), "lbt-backend-"));
afterAll(() => rmSync(home, { recursive: true }));
const url = (env: NodeJS.ProcessEnv = {}) => backendUrl({ PULUMI_HOME: home, ...env });

it("is where the environment says, or where the user is logged in", () => {
  expect(url()).toBeUndefined();
  expect(url({ PULUMI_ACCESS_TOKEN: "t" })).toBe("https://api.pulumi.com");
  writeFileSync(join(home, "credentials.json"), '{"current":"file:///srv/state"}');
  expect(url()).toBe("file:///srv/state");
  expect(url({ PULUMI_BACKEND_URL: "https://api.example.com" })).toBe("https://api.example.com");
  writeFileSync(join(home, "credentials.json"), '{"curr');
  expect(url()).toBeUndefined();
});

it.each([
  ["file:///srv/my%20state", "/srv/my state"],
  ["file://~", homedir()],
  ["file://~/state", join(homedir(), "state")],
  ["file://./state", join(process.cwd(), "state")],
  ["file:///srv/state?metadata=skip", "/srv/state"],
  ["https://api.pulumi.com", undefined],
  ["s3://bucket", undefined],
])("%s is the folder %s", (from, folder) => expect(backendFolder(from)).toBe(folder));
