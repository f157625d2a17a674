import { drift } from "../../scripts/primary/observe/drift";
import type { Observation } from "../../scripts/primary/observe/observation";
import { runBySsh } from "../../scripts/primary/ssh";
import { cases } from "../support/cases";
import { Stranger, superuserPassword } from "../support/primaryServer";
import { SshServer } from "../support/primarySshServer";
import { inContainer, rolePassword, slot, Steps, type Way } from "../support/primarySteps";

// A server of another owner is prepared and left as it was, by both transports. What this does not
// prove: that `pulumi up` runs the steps in order (the stacks' tests do).
describe.each(cases([17], [13]))("PostgreSQL %i", (major) => {
  const server = new Stranger(major);
  const ssh = new SshServer(server.name);
  let before: Record<string, string>;

  beforeAll(async () => {
    await server.start();
    await ssh.start();
    await server.sql("create role someone login; comment on role someone is 'not {json}'");
    before = await server.snapshot();
  }, 600_000);

  afterAll(async () => {
    await ssh.stop();
    await server.stop();
  }, 600_000);

  const bySsh: Way = (script, mode) =>
    runBySsh(
      {
        host: "127.0.0.1",
        port: ssh.port,
        user: "admin",
        privateKey: ssh.privateKey,
        hostKey: ssh.hostKey,
      },
      script,
      undefined,
      mode,
    );

  const ways: [string, () => Steps][] = [
    ["plain SQL", () => new Steps(server, undefined, inContainer(server))],
    [
      "SSH",
      () => {
        const steps = new Steps(server, undefined, bySsh);
        steps.settings.transport = { kind: "ssh" };
        return steps;
      },
    ],
  ];
  const prepared: Record<string, string>[] = [];

  it.each(ways)(
    "is prepared by %s, twice without a change, and left as it was",
    async (_, make) => {
      const steps = make();
      expect(await steps.applyAll()).toEqual([
        expect.stringMatching(/^PostgreSQL \d+.* is ready for 1 standby\(s\)\.\n/),
        'Role "laterbase_test" is created.',
        "max_slot_wal_keep_size is 10240 MB.",
        `Slot "${slot}" is created.`,
        "The pg_hba.conf entry is written.",
      ]);
      const after = await server.snapshot();
      expect(after.roles).toContain("laterbase_test");
      expect(after.hba).toMatch(/^# BEGIN laterbase laterbase\/test#0a1b2c3d\nhost /);
      expect(after.hbaFile).toBe(before.hbaFile);

      await steps.applyAll();
      expect(await server.snapshot()).toEqual(after);
      prepared.push(after);

      const probe = new Steps(server, undefined, inContainer(server));
      expect(await probe.must("probe")).toMatch(/^Replication works: system \d+, timeline 1\.$/);
      const observation = JSON.parse(await steps.must("observe")) as Observation;
      const expected = {
        owner: "laterbase/test",
        role: "laterbase_test",
        slots: { standby: slot },
      };
      expect(drift(expected, observation)).toEqual({});

      await steps.removeAll();
      expect(await server.snapshot()).toEqual(before);
      expect(await steps.removeAll()).toContain('Role "laterbase_test" is gone already.');
    },
    180_000,
  );

  // `up` deletes the steps that an earlier release made over SSH, after it has made their successors.
  it("is taken over from an earlier release, whose inverses undo nothing then", async () => {
    const former = new Steps(server, "laterbase/test#0a1b2c3d");
    const present = new Steps(server, "laterbase/test#0a1b2c3d.2");
    for (const { values } of [former, present]) {
      Object.assign(values, { dumps: major >= 14, pgAdmin: true });
    }
    await former.applyAll();
    expect((await present.applyAll()).join("\n")).toContain(
      'Role "laterbase_test" is in place. It is recorded in the present form.',
    );
    const after = await server.snapshot();
    expect(after["hba"]).toMatch(/^# BEGIN laterbase laterbase\/test#0a1b2c3d\.2\n/);
    expect(after["hba"]!.match(/# BEGIN laterbase/g)).toHaveLength(1);
    await former.removeAll();
    expect(await server.snapshot()).toEqual(after);
    await present.removeAll();
    expect(await server.snapshot()).toEqual(before);
  }, 600_000);

  it("is the same after either transport", () => {
    expect(prepared).toHaveLength(2);
    expect(prepared[0]).toEqual(prepared[1]);
  });

  it("sees no password in its log, though it logs every statement", async () => {
    const log = await server.log();
    expect(log).toContain("laterbase.args");
    expect(log).not.toContain(rolePassword);
    expect(log).not.toContain(superuserPassword);
  });

  it("gets nothing but the mode in the command that SSH runs", () => {
    expect(new Set(ssh.commands)).toEqual(new Set(["bash -s -- apply", "bash -s -- remove"]));
  });

  it("is not reached by SSH when its host key is another", async () => {
    const other = new SshServer(server.name);
    const target = { host: "127.0.0.1", port: ssh.port, user: "admin", privateKey: ssh.privateKey };
    await expect(runBySsh({ ...target, hostKey: other.hostKey }, "true")).rejects.toThrow(
      /verification failed/,
    );
  });
});
