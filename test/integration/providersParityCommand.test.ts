import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Props } from "../../scripts/providers/protocol/provider";
import { Lab, type Resource } from "../support/providersCommandLab";
import {
  CHANGES,
  FAILURES,
  ID_CHANGES,
  LOCAL_ONLY,
  LOG,
  PASSWORD_CHANGES,
  type Turns,
} from "../support/providersParityChanges";
import { Sshd } from "../support/providersCommandSshd";
import { officialPlugins } from "../support/providersTrial";

jest.setTimeout(600_000);

const plugins = resolve(officialPlugins());
const present = ["command-v1.2.1", "random-v4.21.1"].every((name) =>
  existsSync(join(plugins, `resource-${name}`)),
);

/** Runs the same program with official and embedded plugins, and expects equal results. */
async function compare(task: (lab: Lab) => Promise<unknown>): Promise<void> {
  const labs = await Promise.all([Lab.create(plugins), Lab.create()]);
  try {
    const [official, ours] = await Promise.all(labs.map(task));
    expect(ours).toEqual(official);
  } finally {
    await Promise.all(labs.map((lab) => lab.dispose()));
  }
}

/** The lifecycle of a program: created, changed, removed; with everything that is visible. */
async function life(lab: Lab, before: Resource[], after: Resource[]): Promise<unknown> {
  const made = await lab.up(before);
  const first = await states(lab);
  const unchanged = await lab.preview(before, "--refresh");
  const changes = await lab.preview(after);
  const changed = await lab.up(after);
  const second = await states(lab);
  const removed = await lab.destroy();
  for (const { code, output } of [made, changed, removed]) if (code !== 0) throw new Error(output);
  expect(unchanged).toEqual([]);
  expect(changes.length).toBeGreaterThan(8);
  return { first, changes, second, logs: await logs(lab) };
}

/** The state without random values. */
async function states(lab: Lab): Promise<Record<string, unknown>> {
  const text = JSON.stringify(
    Object.fromEntries((await lab.states()).map(({ name, ...rest }) => [name, rest])),
  )
    .replaceAll(lab.dir, "<lab>")
    .replace(/"ciphertext":"[^"]*"/g, '"ciphertext":"<secret>"');
  return JSON.parse(text, (key, value) => (OWN.has(key) ? undefined : drawn(key, value)));
}

/** Internal fields of the official plugins, and the output that ours lacks. */
const OWN = new Set(["__meta", "__pulumi_raw_state_delta", "bcryptHash"]);

function drawn(key: string, value: unknown): unknown {
  // A command's name with a random end, a password's "none", or a random text.
  if (key === "id" && value !== "none")
    return String(value).replace(/([0-9a-f]{8}|.{6,7})$/, "<drawn>");
  const forms = ["b64Std", "b64Url", "hex", "dec"];
  return forms.includes(key) ? String(value).replace(/[\w+/=-]+$/, "<drawn>") : value;
}

/** The messages of a program whose resources all fail. */
async function failures(lab: Lab, resources: Resource[]): Promise<unknown> {
  const { code, output } = await lab.up(resources, "--continue-on-error");
  const [, told = ""] = /^Diagnostics:\n([^]*)^Resources:/m.exec(output) ?? [];
  const blocks = told.split(/\n(?= {2}\S)/).map((block) => block.trim());
  const errors = blocks.filter((block) => !block.startsWith("pulumi:"));
  expect(errors).toHaveLength(resources.length);
  return { code, errors: errors.sort() };
}

async function logs(lab: Lab): Promise<Record<string, string>> {
  const names = (await readdir(lab.dir)).filter((name) => name.startsWith("log-")).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await lab.text(name)] as const)),
  );
}

function commands(changes: Record<string, Props>, changed: boolean): Resource[] {
  return Object.entries(changes).map(([name, change]) => ({
    type: "local",
    name,
    args: {
      create: LOG,
      delete: "cat; echo delete $A $PULUMI_COMMAND_STDOUT >> log-$NAME",
      stdin: { $secret: "first" },
      environment: { NAME: name, A: "first" },
      triggers: ["a"],
      ...(changed && change),
    },
  }));
}

function randoms(type: Resource["type"], base: Props, changes: Turns) {
  return [0, 1].map((turn) =>
    Object.entries(changes).map(([name, turns]) => ({
      type,
      name: `${type}-${name}`,
      args: { ...base, ...turns[turn] },
    })),
  ) as [Resource[], Resource[]];
}

if (!present) {
  test(`nothing was compared: no official command and random plugins in ${plugins}`, () => {
    // A folder that the tester names must contain them.
    expect(process.env.LATERBASE_OFFICIAL_PLUGINS).toBeUndefined();
  });
} else {
  describe("official and embedded plugins agree", () => {
    test("on the lifecycle of local commands, change by change", () =>
      compare((lab) => {
        const changes = { ...CHANGES, ...LOCAL_ONLY };
        return life(lab, commands(changes, false), commands(changes, true));
      }));

    test("on the texts of failures", () =>
      compare(async (lab) => {
        const entries = Object.entries(FAILURES);
        return failures(
          lab,
          entries.map(([name, args]) => ({ type: "local", name, args })),
        );
      }));

    test("on the texts of remote failures", async () => {
      const sshd = await Sshd.create();
      const connections: Record<string, Props> = {
        status: {},
        wrongKey: { hostKey: sshd.read("login.pub") },
        wrongPassword: { privateKey: undefined, password: "wrong" },
        nobodyThere: { port: 1 },
        noKey: { privateKey: "no key" },
        lockedKey: { privateKey: sshd.read("locked") },
      };
      const resources = Object.entries(connections).map(([name, changes]) => ({
        type: "remote" as const,
        name,
        args: { create: "echo out; exit 4", connection: { ...sshd.login(), ...changes } },
      }));
      try {
        await compare((lab) => failures(lab, resources));
      } finally {
        await sshd.dispose();
      }
    });

    test("on the lifecycle of remote commands, change by change", async () => {
      const sshd = await Sshd.create();
      try {
        await compare((lab) => {
          const remote = (turn: boolean) =>
            commands(CHANGES, turn).map(({ name, args }) => {
              const { create, update, delete: remove, environment, ...rest } = args as Props;
              const set = Object.entries(environment as Props).map(
                ([key, to]) => `${key}=${String(to)};`,
              );
              const at = (line: unknown) =>
                typeof line === "string" ? `cd ${lab.dir}; ${set.join(" ")} ${line}` : undefined;
              const connection = {
                ...sshd.login(),
                ...(turn && name === "create" && { dialErrorLimit: 12 }),
              };
              return {
                type: "remote" as const,
                name,
                args: {
                  ...rest,
                  connection,
                  create: at(create),
                  update: at(update),
                  delete: at(remove),
                },
              };
            });
          return life(lab, remote(false), remote(true));
        });
      } finally {
        await sshd.dispose();
      }
    });

    test("on random values, change by change", () =>
      compare((lab) => {
        const [before, after] = randoms("RandomPassword", { length: 20 }, PASSWORD_CHANGES);
        const [idsBefore, idsAfter] = randoms("RandomId", { byteLength: 4 }, ID_CHANGES);
        return life(lab, [...before, ...idsBefore], [...after, ...idsAfter]);
      }));
  });
}
