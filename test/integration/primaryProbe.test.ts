import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stepInput } from "../../scripts/primary";
import { ok, run, until } from "../support/process";
import { Stranger, superuserPassword } from "../support/primaryServer";
import { inContainer, rolePassword, slot, Steps } from "../support/primarySteps";

// Steps in their container: what they say when a connection fails, and what others can see of them.
jest.setTimeout(600_000);

describe("a replication connection that fails", () => {
  const server = new Stranger(17);
  const steps = new Steps(server, undefined, inContainer(server));

  beforeAll(async () => {
    await server.start();
    await steps.applyAll();
  }, 600_000);
  afterAll(() => server.stop(), 600_000);

  it("names the address that the server sees when pg_hba.conf has no entry", async () => {
    await steps.must("hba", "remove");
    expect(await steps.refused("probe")).toMatch(
      /^The primary at lbt-\S+:5432 has no pg_hba.conf entry that lets "laterbase_test" in from \d+\.\d+\.\d+\.\d+: laterbase:primary.allowFrom must hold that network\.$/m,
    );
    await steps.must("hba");
  });

  it("names the password as the reason, and does not print it", async () => {
    const said = await steps.refused("probe", "apply", { password: "wrong-secret" });
    expect(said).toMatch(/^The primary at \S+ refused the password of "laterbase_test"\.$/m);
    expect(said).not.toContain("wrong-secret");
  });

  it("says that the name is unknown, or that nothing listens", async () => {
    steps.settings.host = "nowhere.invalid";
    expect(await steps.refused("probe")).toMatch(
      /^The name in nowhere.invalid:5432 cannot be resolved/,
    );
    Object.assign(steps.settings, { host: server.name, port: 5999 });
    expect(await steps.refused("probe")).toMatch(
      /^Nothing answers at \S+:5999: the connection was refused/,
    );
    Object.assign(steps.settings, { port: 5432 });
  });

  it("says after 10 s that no answer came", async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const local = new Steps(server, undefined, (script, mode) =>
      run("bash", ["-s", "--", mode], { input: script }),
    );
    Object.assign(local.settings, {
      host: "127.0.0.1",
      port: (silent.address() as AddressInfo).port,
      transport: { kind: "sql" },
    });
    const begun = Date.now();
    expect(await local.refused("probe")).toMatch(
      /^The primary at 127\.0\.0\.1:\d+ did not answer in time\.$/m,
    );
    expect(Date.now() - begun).toBeLessThan(15_000);
    silent.close();
  });

  it("shows no secret in the list of processes while it works", async () => {
    const { step } = await server.whileLocked(async () => {
      const step = steps.run("role");
      await until(
        "the step waits for it",
        async () =>
          (await server.sql(
            "select count(*) from pg_locks where locktype = 'advisory' and not granted",
          )) !== "0",
      );
      const ps = await ok("docker", [
        "ps",
        "-q",
        "--filter",
        "label=laterbase.role=step",
        "--filter",
        `network=${server.name}`,
      ]);
      const top = await ok("docker", ["top", ps.trim(), "axww", "-o", "pid,args"]);
      const inspect = await ok("docker", ["inspect", ps.trim()]);
      expect(top).toContain("psql");
      for (const secret of [
        superuserPassword,
        rolePassword,
        "SCRAM-SHA-256$",
        "sup:er",
        "sup\\:er",
      ]) {
        expect(top).not.toContain(secret);
        expect(inspect).not.toContain(secret);
      }
      return { step };
    });
    expect((await step).code).toBe(0);
  });

  it("leaves no container behind, also when it is interrupted", async () => {
    const left = () =>
      ok("docker", [
        "ps",
        "-aq",
        "--filter",
        `network=${server.name}`,
        "--filter",
        "label=laterbase.role=step",
      ]);
    await server.whileLocked(async () => {
      const child = spawn(
        process.execPath,
        ["--import", "tsx", "scripts/steps/primaryStep.ts", "apply"],
        {
          env: {
            ...process.env,
            LATERBASE_ENGINE: "",
            LATERBASE_IMAGE: server.image,
            LATERBASE_NETWORK: server.name,
          },
        },
      );
      child.stdin.end(stepInput("role", steps.settings, steps.values));
      await until("the step runs", async () => (await left()) !== "");
      child.kill("SIGINT");
      await until("its container is gone", async () => (await left()) === "");
    });
  });

  it("is made from the standby's own engine, also behind SSH", async () => {
    // Stands in for the local ssh: the engine at its other end is this machine's.
    const folder = mkdtempSync(join(tmpdir(), "lbt-ssh-"));
    const stub = '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done; shift 2; exec "$@"\n';
    writeFileSync(join(folder, "ssh"), stub, { mode: 0o755 });
    const env = { LATERBASE_ENGINE: "ssh://me@nas", PATH: `${folder}:${process.env.PATH}` };
    const far = new Steps(server, undefined, inContainer(server, env));
    expect(await far.must("probe")).toMatch(/^Replication works/);
    rmSync(folder, { recursive: true });
  });

  it("says what remains when there is no engine to undo it from", async () => {
    const env = { LATERBASE_ENGINE: "tcp://127.0.0.1:9" };
    const none = new Steps(server, undefined, inContainer(server, env));
    expect(await none.refused("slot", "remove")).toMatch(
      /^The step's container cannot run on tcp:\/\/127.0.0.1:9: .*\nThe replication slot "\w+" remains on the primary /,
    );
  });

  it("says what remains, step by step, when the server is down at destroy", async () => {
    await server.down();
    const remains = async (step: "role" | "slotWalLimit" | "slot" | "hba") => {
      const [first, ...rest] = (await steps.refused(step, "remove")).split("\n");
      expect(first).toMatch(/^Nothing answers at /);
      return rest.filter((line) => / remains /.test(line));
    };
    const there = `on the primary ${server.name}:5432`;
    expect(await remains("slot")).toEqual([
      `The replication slot "${slot}" remains ${there} and keeps WAL: SELECT pg_drop_replication_slot('${slot}');`,
    ]);
    expect(await remains("hba")).toEqual([
      expect.stringMatching(/^The block from "# BEGIN.* remains in pg_hba.conf /),
    ]);
    expect(await remains("slotWalLimit")).toEqual([
      expect.stringMatching(/^max_slot_wal_keep_size .* remains as Laterbase set it/),
    ]);
    expect(await remains("role")).toEqual([
      `The role "laterbase_test" remains ${there}: DROP ROLE laterbase_test;`,
    ]);
    await server.up();
    await steps.removeAll();
  });
});
