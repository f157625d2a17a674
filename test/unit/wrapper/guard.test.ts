import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FoundThing, foundOn } from "../../../scripts/wrapper/engines/found";
import { clearBeforeDestroy, exportedState, Guard } from "../../../scripts/wrapper/guard";
import { removeThings } from "../../../scripts/wrapper/adopt/remove";

// Pulumi is a shell script here, and the engine has what a test says.
jest.mock("../../../scripts/wrapper/engines/found");
jest.mock("../../../scripts/wrapper/adopt/remove");

const folder = mkdtempSync(join(tmpdir(), "lbt-guard-"));
const before = process.env["PATH"];
const calls = join(folder, "calls");

beforeAll(() => (process.env["PATH"] = `${folder}:${before}`));
afterAll(() => {
  process.env["PATH"] = before;
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  writeFileSync(calls, "");
  jest.mocked(removeThings).mockReset().mockResolvedValue();
  jest.mocked(foundOn).mockReset().mockResolvedValue([]);
});

/** Puts a Pulumi on the PATH: what it does for an export and for an import. */
function pulumi(onExport: string, onImport = "exit 0"): void {
  const note = `[ "$2" = import ] && cat >${folder}/imported; echo "$2" >>${calls}`;
  const body = `case $2 in export) ${onExport} ;; import) ${onImport} ;; esac`;
  writeFileSync(join(folder, "pulumi"), `#!/bin/bash\n${note}\n${body}\n`);
  chmodSync(join(folder, "pulumi"), 0o755);
}
const says = (state: object) => `cat <<'END'\n${JSON.stringify(state)}\nEND\n`;
const called = () => readFileSync(calls, "utf8").trim().split("\n");

const network = {
  ...{ urn: "urn:pulumi:prod::laterbase::t::network", type: "docker:index/network:Network" },
  ...{ id: "n1", outputs: { name: "laterbase-prod" } },
};
const provider = {
  ...{ urn: "urn:pulumi:prod::laterbase::t::local", type: "pulumi:providers:docker" },
  ...{ id: "p", inputs: {} },
};
const resources = [provider, network];
const creating = {
  type: "creating",
  resource: {
    ...{ urn: "urn:pulumi:prod::laterbase::t::standby", type: "docker:index/container:Container" },
    ...{ provider: `${provider.urn}::p`, inputs: { name: "laterbase-prod-standby" } },
  },
};
const killed = { deployment: { resources, pending_operations: [creating] } };
const found: FoundThing[] = [
  { kind: "network", id: "n1", name: "laterbase-prod", host: "" },
  { kind: "container", id: "c1", name: "laterbase-prod-standby", host: "", started: false },
];
const args = { project: "laterbase", stack: "prod", steps: [], adopt: false, refreshes: false };

describe("a state that cannot be read", () => {
  const sentence =
    "The state of stack prod cannot be read (read s3: connection reset).\nNothing was changed.";
  beforeEach(() => {
    pulumi("echo 'error: read s3: connection reset' >&2; exit 255");
    jest.mocked(foundOn).mockResolvedValue(found);
  });

  it("is not taken for one that was lost", async () => {
    await expect(Guard.begin({ ...args, steps: undefined })).rejects.toThrow(sentence);
    await expect(Guard.check({ ...args, adopt: true })).rejects.toThrow(sentence);
  });

  it("lets no destroy begin", async () => {
    await expect(clearBeforeDestroy("laterbase", "prod", () => undefined)).rejects.toThrow(
      sentence,
    );
  });

  it("has nothing for a sentence about a run that has failed already", async () => {
    expect(await exportedState("prod")).toEqual({ deployment: {} });
  });
});

it("takes a stack that nobody has made for an empty one", async () => {
  pulumi("echo 'error: no stack named prod found' >&2; exit 6");
  expect((await Guard.check(args)).look).toMatchObject({ remove: [], adopts: false });
});

describe("a run that has begun and not ended", () => {
  beforeEach(() => jest.mocked(foundOn).mockResolvedValue(found));

  it("is forgotten before what it left is removed", async () => {
    pulumi(says(killed));
    const guard = await Guard.begin(args);
    await guard.forget();
    expect(called()).toEqual(["export", "export", "import"]);
    expect(JSON.parse(readFileSync(join(folder, "imported"), "utf8"))).toEqual(killed);
    expect(removeThings).not.toHaveBeenCalled();
    await guard.clear(() => undefined);
    expect(removeThings).toHaveBeenCalledWith([found[1]]);
  });

  const locked =
    "echo 'error: could not import deployment: the stack is currently locked by 1 lock(s).' >&2; exit 1";
  const sentence =
    "A run of stack prod has begun and not ended, and Pulumi does not let the state be changed (could not import deployment: the stack is currently locked by 1 lock(s)).\n" +
    "Nothing was changed.\n" +
    "If that run is at work, wait until it has ended. If you know that it was killed, 'npm run pulumi -- cancel --stack prod' removes its lock.";

  it("keeps what it makes while it holds the stack", async () => {
    pulumi(says(killed), locked);
    const guard = await Guard.begin(args);
    await expect(guard.forget()).rejects.toThrow(sentence);
  });

  it("keeps it too when it began after the look", async () => {
    pulumi(
      `if [ "$(grep -c export ${calls})" = 1 ]; then ${says({ deployment: { resources } })} else ${says(killed)} fi`,
      locked,
    );
    const guard = await Guard.begin(args);
    expect(guard.look.remove).toEqual([found[1]]);
    await expect(guard.forget()).rejects.toThrow(sentence);
  });

  it("is not disturbed by a destroy", async () => {
    pulumi(says(killed), locked);
    await expect(clearBeforeDestroy("laterbase", "prod", () => undefined)).rejects.toThrow(
      sentence,
    );
    expect(removeThings).not.toHaveBeenCalled();
  });
});

describe("a restore on the primary's own data", () => {
  const work = (running: boolean, volume = "laterbase-prod-primary-data"): FoundThing => ({
    ...{ kind: "container", id: "w1", name: "laterbase-prod-restore-work", host: "" },
    ...{ started: true, running, volumes: [volume] },
  });
  const destroy = () => clearBeforeDestroy("laterbase", "prod", () => undefined);
  beforeEach(() => pulumi(says({ deployment: { resources } })));

  it("is not ended half-way by a destroy", async () => {
    jest.mocked(foundOn).mockResolvedValue([found[0]!, work(true)]);
    await expect(destroy()).rejects.toThrow(
      "A restore of stack prod is at work. Nothing was changed, because it may stop the primary and replace its data.\n" +
        "When it has ended, run 'npm run destroy -- --stack prod' again. If you know that it was killed, 'docker rm --force laterbase-prod-restore-work' ends what it left.",
    );
    expect(removeThings).not.toHaveBeenCalled();
  });

  it.each([
    ["that has ended", work(false)],
    ["beside the primary", work(true, "laterbase-prod-restored-data")],
  ])("goes with the stack: one %s", async (_, one) => {
    jest.mocked(foundOn).mockResolvedValue([found[0]!, one]);
    await destroy();
    expect(removeThings).toHaveBeenCalledWith([one]);
  });
});
