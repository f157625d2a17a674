import { readdirSync } from "node:fs";
import { JobMachine, printed } from "../../support/unit/jobMachine";

// The script of the preview's job. Pulumi prints what the engine prints; the engine answers or does not.
let machine: JobMachine;
beforeEach(() => {
  machine = new JobMachine();
});
afterEach(() => machine.remove());

const volume = "docker:index/volume:Volume";
const urn = `urn:pulumi:dev::laterbase::laterbase:index:Laterbase$laterbase:index:Standby$${volume}::standby-data`;
const step = (op: string) => {
  const named = { name: "laterbase-dev-standby-data" };
  const old = { custom: true, protect: true, retainOnDelete: true, inputs: named, outputs: named };
  return { resourcePreEvent: { metadata: { op, urn, type: volume, old, new: null } } };
};
const error = (message: string, about = "") => ({
  diagnosticEvent: { severity: "error", message, urn: about },
});

it("passes without secrets, as in a fork, and says so", () => {
  const { code, out, calls } = machine.job("preview.sh dev", {
    ...machine.secrets,
    PULUMI_BACKEND_URL: "",
    PULUMI_CONFIG_PASSPHRASE: "",
  });
  expect(code).toBe(0);
  expect(machine.note()).toBe(
    "### Laterbase, stack `dev`: not previewed\n\n" +
      "This pipeline has no PULUMI_BACKEND_URL and PULUMI_CONFIG_PASSPHRASE, as in a fork. A person who has them can look: `npm run preview-note -- --stack dev`.\n",
  );
  expect(out).toContain("NOTE_TOKEN is not set, so the merge request gets no note.\n");
  expect(calls.filter((one) => one.startsWith("pulumi"))).toEqual([]);
});

it("previews with the images of this commit, and writes the changes", () => {
  machine.pulumi(
    `case $1 in preview) cp "$5" "$HOME/used"; ${printed([{ summaryEvent: { resourceChanges: {} } }])} ;; esac`,
  );
  const { code, calls } = machine.job("preview.sh dev");
  expect([code, machine.note()]).toEqual([0, "### Laterbase, stack `dev`: no change\n"]);
  expect(machine.read("used")).toBe(
    "config:\n  laterbase:primary: { kind: managed, version: 17 }\n" +
      "  laterbase:images:\n    registry: registry.example.com/group/project\n    tag: 3f2a9c1\n",
  );
  expect(calls.filter((one) => one.startsWith("pulumi preview"))).toEqual([
    `pulumi preview --stack dev --config-file ${machine.checkout}/.laterbase/ci/Pulumi.dev.yaml --json --non-interactive --color never`,
  ]);
});

it("says in the note that dumps would go into the checkout of a job", () => {
  machine.write("Pulumi.dev.yaml", "config:\n  laterbase:dumps: { path: ./backups }\n");
  expect(machine.job("preview.sh dev").code).toBe(1);
  expect(machine.note()).toMatch(
    /^### Laterbase, stack `dev`: not previewed\n\nlaterbase:dumps\.path in Pulumi\.dev\.yaml must be an absolute path/,
  );
});

it.each([
  ["delete", "This change would delete the data volume laterbase-dev-standby-data."],
  [
    "replace",
    "This change would replace the data volume laterbase-dev-standby-data by an empty one.",
  ],
])("fails when a data volume would go (%s), with the sentence first", (op, sentence) => {
  machine.pulumi(
    `case $1 in preview) ${printed([step(op), error("unable to; it is protected", urn), error("preview failed")])} exit 1 ;; esac`,
  );
  expect(machine.job("preview.sh dev").code).toBe(1);
  expect(machine.note().split("\n").slice(0, 3)).toEqual([
    "### Laterbase, stack `dev`: refused",
    "",
    `- \`${sentence}\``,
  ]);
  expect(machine.note()).not.toContain("**Errors**");
});

it("fails when the preview fails for another reason, with its words", () => {
  machine.pulumi(
    `case $1 in preview) ${printed([error("laterbase:pooler.port must be a port."), error("preview failed")])} exit 1 ;; esac`,
  );
  expect(machine.job("preview.sh dev").code).toBe(1);
  expect(machine.note()).toBe(
    "### Laterbase, stack `dev`: the preview failed\n\n**Errors**\n\n- `laterbase:pooler.port must be a port.`\n",
  );
});

it("says which stack the commands of a note about dev need", () => {
  const text = "The standby is gone: `npm run laterbase -- forget standby` takes it out.";
  machine.pulumi(
    `case $1 in preview) ${printed([error(text), error("preview failed")])} exit 1 ;; esac`,
  );
  expect(machine.job("preview.sh dev").code).toBe(1);
  expect(machine.note().split("\n").at(-2)).toBe(
    "These commands are for the stack of this pipeline only with `--stack organization/laterbase/dev`: docs/pipelines.md.",
  );
});

it("says what it cannot know without the engine, and passes", () => {
  machine.stub("engine", "exit 1");
  machine.pulumi(`case $1 in preview) echo "$DOCKER_HOST" >"$HOME/host" ;; esac`);
  expect(machine.job("preview.sh dev").code).toBe(0);
  expect(machine.note()).toBe(
    "### Laterbase, stack `dev`: no change\n\n**Warnings**\n\n" +
      "- `The Docker engine of this stack does not answer this job, so the preview does not know what was removed or changed there by hand, and whether its ports are free.`\n",
  );
  // The provider plugin asks any other engine first, and fails.
  expect(machine.read("host")).toBe("ssh://nobody@127.0.0.1:9\n");
});

it("says that there is no preview where the plugin needs an engine that does not answer, and passes", () => {
  machine.write(
    "Pulumi.dev.yaml",
    "config:\n  laterbase:dockerHost: tcp://10.0.0.5:2376\n  laterbase:primary: { kind: managed, version: 17 }\n",
  );
  machine.stub("engine", "exit 1");
  const { code, calls } = machine.job("preview.sh dev");
  expect([code, machine.note()]).toEqual([
    0,
    "### Laterbase, stack `dev`: not previewed\n\nThe Docker engine tcp://10.0.0.5:2376 does not answer this job, and Pulumi's provider needs it even for a preview.\n",
  ]);
  expect(calls.filter((one) => one.startsWith("pulumi preview"))).toEqual([]);
});

it("passes for a stack that nobody has made yet", () => {
  machine.pulumi('case $1 in preview) echo "error: no stack named dev found" >&2; exit 6 ;; esac');
  const { code } = machine.job("preview.sh dev");
  expect([code, machine.note()]).toEqual([
    0,
    "### Laterbase, stack `dev`: not previewed\n\nThe backend has no stack `dev` yet, so there is nothing to compare with.\n",
  ]);
});

it("names both versions for a key of a newer one, and fails", () => {
  machine.write(
    "Pulumi.dev.yaml",
    "config:\n  laterbase:primary: { kind: managed, version: 17 }\n  laterbase:failover: {}\n",
  );
  const { code } = machine.job("preview.sh dev", { ...machine.secrets, TAG_SAYS: "9.2.0" });
  expect([code, machine.note()]).toEqual([
    1,
    "### Laterbase, stack `dev`: not previewed\n\n" +
      "laterbase:failover is a key of a newer Laterbase: version 9.2.0 deployed stack dev last, and this is version 0.1.0. " +
      "Deploy version 9.2.0 or newer, or take the key out of Pulumi.dev.yaml.\n",
  ]);
});

describe("the note of a job that fails half-way", () => {
  const commit = { NOTE_COMMIT: "3f2a9c1d0b5e6f7a8b9c0d1e2f3a4b5c6d7e8f90" };
  const title = "### Laterbase, stack `dev` at `3f2a9c1d`: not previewed\n\n";

  it("says what set-up says, and is the one that is sent", () => {
    machine.write("Pulumi.dev.yaml", "config: [\n");
    machine.write("note-dev.md", "### Laterbase, stack `dev`: no change\n");
    const { code, out } = machine.job("preview.sh dev", { ...machine.secrets, ...commit });
    expect([code, machine.note()]).toEqual([1, `${title}Pulumi.dev.yaml cannot be read.\n`]);
    expect(out).toContain(`<!-- laterbase preview of dev -->\n${title}`);
  });

  it("names the log where a program fails without a sentence of ours", () => {
    machine.write("scripts/wrapper/previewNote.ts", "process.exit(9);\n");
    const { code } = machine.job("preview.sh dev", { ...machine.secrets, ...commit });
    expect([code, machine.note()]).toEqual([
      9,
      `${title}The preview ended with 9 and said nothing, and the job's log says why.\n`,
    ]);
  });

  it("leaves no login behind", () => {
    machine.pulumi("exit 1");
    const login = { LATERBASE_REGISTRY_USER: "ci", LATERBASE_REGISTRY_PASSWORD: "of the job" };
    machine.stub(
      "mktemp",
      `folder=$HOME/login$RANDOM; case $* in *-d*) mkdir "$folder" ;; *) touch "$folder" ;; esac; echo "$folder"`,
    );
    machine.job("preview.sh dev", { ...machine.secrets, ...login });
    expect(readdirSync(machine.home).filter((name) => name.startsWith("login"))).toEqual([]);
  });
});

it("says that a job before the preview failed", () => {
  const env = { ...machine.secrets, NOTE_COMMIT: "3f2a9c1d0b5e" };
  const { code, out } = machine.job("not-previewed.sh dev", env);
  const note =
    "### Laterbase, stack `dev` at `3f2a9c1d`: not previewed\n\n" +
    "The job check or images of this commit failed, so the preview did not start.\n";
  expect([code, machine.note()]).toEqual([0, note]);
  expect(out).toContain(note);
});
