import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JobRecord } from "../../contract/jobRecord";
import { connect } from "../../scripts/engine/connect";
import { knowsGroups } from "../../scripts/engine/folderGroups";
import { build } from "../support/imageLab";
import { ok, run, until } from "../support/process";
import { DuplicatiLab } from "../support/duplicatiLab";

// Job, upload and archives through the agent and a real Docker engine, against our stand-in. What
// it does not prove is the real Duplicati's part: its interface was read in its sources.
const lab = new DuplicatiLab();
const odd = 'My Library "2024" é/20261121T030000Z';
let folder: string;

jest.setTimeout(600_000);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "laterbase-"));
  await lab.open();
}, 600_000);

afterAll(async () => {
  await lab.dispose();
  rmSync(folder, { recursive: true, force: true });
}, 600_000);

const record = () => lab.agent.record("upload");

/** What an archive must hold: the dumps, and the file that names their stack. */
const finished = async () =>
  Number(await lab.agent.bash("find /backups -path '*/.partial' -prune -o -type f -print | wc -l"));

async function upload(): Promise<JobRecord> {
  const { code, stderr } = await lab.agent.ask("upload", "--trigger", "operator");
  const written = await record();
  expect([code, stderr]).toEqual([written.result === "success" ? 0 : 1, expect.any(String)]);
  return written;
}

/** Unpacks an archive with the command from the stand-in's page. */
async function unpack(content: Buffer, passphrase: string) {
  const back = mkdtempSync(join(folder, "back-"));
  writeFileSync(join(back, "archive"), content);
  mkdirSync(join(back, "files"));
  const script =
    "openssl enc -d -aes-256-cbc -pbkdf2 -iter 100000 -pass env:PASS -in archive | tar -xz -C files";
  const ran = await run("bash", ["-o", "pipefail", "-c", script], {
    cwd: back,
    env: { PASS: passphrase },
  });
  return { ...ran, files: join(back, "files") };
}

it("is healthy, announces that it is a stand-in, and says the same on its page", async () => {
  await until("it is healthy", async () => {
    const { State } = await lab.duplicati.inspect();
    return State.Health?.Status === "healthy";
  });
  const [first] = (await lab.logs(lab.duplicati)).split("\n");
  expect(first).toContain("laterbase stand-in for duplicati/duplicati: ");
});

it("has no job before `up` makes it, and nothing is uploaded without a finished dump", async () => {
  const { code, stdout } = await lab.agent.ask("upload");
  expect([code, JSON.parse(stdout).detail]).toEqual([
    0,
    "There is no finished dump to upload yet.",
  ]);
  await lab.dump(odd, "head -c 3000000 /dev/urandom");
  await lab.agent.bash("mkdir -p /backups/.partial/x && echo half > /backups/.partial/x/x.backup");
  expect(await upload()).toMatchObject({
    result: "failed",
    detail: expect.stringContaining('Duplicati has no job "laterbase test"'),
  });
});

it("makes the job once and changes it in place", async () => {
  const made = await lab.job();
  expect(made).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(made.stdout)).toEqual({ id: "1", name: "laterbase test", change: "created" });
  const changed = await lab.job({ retention: "U:1s" });
  expect(JSON.parse(changed.stdout)).toEqual({
    id: "1",
    name: "laterbase test",
    change: "changed",
  });
  const jobs = await lab.ask<any[]>("/backups");
  expect(jobs).toHaveLength(1);
  const [{ Backup: job, Schedule }] = jobs;
  expect(Schedule).toBeNull();
  expect(job).toMatchObject({
    Name: "laterbase test",
    TargetURL: "file:///archive?auth-password=***************",
    Sources: ["/backups/"],
  });
  expect(job.Settings).toContainEqual({ Name: "retention-policy", Value: "U:1s", Filter: "" });
});

it("uploads finished dumps, and the archive returns them byte for byte", async () => {
  const written = await upload();
  const files = await finished();
  expect(written).toMatchObject({
    result: "success",
    upload: { files, newFiles: files, seconds: expect.any(Number) },
  });
  const archives = await lab.archives();
  expect(archives.size).toBe(1);
  const [content] = [...archives.values()];
  expect(written.upload!.bytes).toBe(content!.length);
  const { code, files: back } = await unpack(content!, lab.secrets.passphrase);
  expect(code).toBe(0);
  const sums = "find backups -type f -exec sha256sum {} + | sort";
  const inAgent = await lab.agent.bash(
    `cd / && ${sums.replace("backups", "backups -path '*/.partial' -prune -o")}`,
  );
  const here = await run("bash", ["-c", sums], { cwd: back });
  expect(here.stdout.trim()).toBe(inAgent);
  expect(here.stdout).not.toContain(".partial");
  expect(await lab.agent.bash("cat /backups/.partial/x/x.backup")).toBe("half");
  expect(readFileSync(join(back, "backups", odd, "x.backup")).length).toBe(3_000_000);
});

it("cannot be read with another passphrase", async () => {
  const [content] = [...(await lab.archives()).values()];
  expect((await unpack(content!, "another")).code).not.toBe(0);
});

it("uploads only new files the next time", async () => {
  expect(await upload()).toMatchObject({
    result: "success",
    detail: `Nothing was new: all ${await finished()} files are in the archives.`,
  });
  expect((await lab.archives()).size).toBe(1);
  await lab.dump("x/20261121T040000Z", "echo second");
  expect(await upload()).toMatchObject({ result: "success", upload: { newFiles: 2 } });
  expect((await lab.archives()).size).toBe(2);
});

it("starts a new history at another target, and refuses another passphrase for the same one", async () => {
  expect((await lab.job({ passphrase: "another" })).code).toBe(0);
  await lab.dump("x/20261121T050000Z", "echo third");
  expect(await upload()).toMatchObject({
    result: "failed",
    detail:
      "The upload failed in Duplicati: The passphrase cannot be changed for an existing backup.",
  });
  const job = { passphrase: "another", target: "file:///archive/second" };
  expect(JSON.parse((await lab.job(job)).stdout)).toMatchObject({ id: "1", change: "changed" });
  const files = await finished();
  expect(await upload()).toMatchObject({ result: "success", upload: { files, newFiles: files } });
  const [content] = [...(await lab.archives("second")).values()];
  expect((await unpack(content!, "another")).code).toBe(0);
  expect((await lab.job()).code).toBe(0);
});

it("shows none of its secrets in inspect, logs, processes and records", async () => {
  const { agent, duplicati, secrets } = lab;
  const shown = await Promise.all([
    ...[duplicati, agent.container].flatMap((container) => [
      container.inspect().then((value) => JSON.stringify(value)),
      lab.logs(container),
      container.top().then((value) => JSON.stringify(value)),
    ]),
    agent.bash("cat /var/lib/laterbase/records/*"),
    agent.bash("cat /backups/*/*/manifest.json"),
  ]);
  for (const secret of Object.values(secrets)) {
    expect(shown.filter((text) => text.includes(secret))).toEqual([]);
  }
  const denied = await agent.exec("cat", "/etc/laterbase/settings-key");
  expect(denied.code).not.toBe(0);
});

it("takes the volumes over from root once, and stops the container that still runs as root", async () => {
  expect(lab.before).toMatchObject({ code: 0, stdout: "999\n", stderr: "" });
  expect(lab.stopped).toBe(true);
  const owners = await ok("docker", [
    ...["exec", lab.duplicati.id, "find", "/data", "/archive", "-printf", "%U:%G\n"],
  ]);
  expect([...new Set(owners.trim().split("\n"))]).toEqual(["8200:999"]);
  // Again, with the right container: nothing changes, and it goes on.
  expect(await lab.owner()).toMatchObject({ code: 0, stdout: "999\n", stderr: "" });
  expect((await lab.duplicati.inspect()).State.Running).toBe(true);
});

it("finds the group of a folder of the host, which may not exist yet", async () => {
  const dumps = join(folder, "dumps");
  expect(await lab.owner(dumps)).toMatchObject({ code: 0, stdout: "0\n" });
  await ok("chgrp", ["4242", dumps]);
  expect(await lab.owner(dumps)).toMatchObject({ code: 0, stdout: "4242\n" });
  const { tag } = await build(17);
  expect(await knowsGroups(connect(), tag, dumps)).toBe(true);
  expect(await knowsGroups(connect(), tag, join(folder, "nowhere"))).toBeUndefined();
  expect(await knowsGroups(connect(), tag, "/proc/self")).toBeUndefined();
  expect(readdirSync(dumps)).toEqual([]);
});

it("reads dumps in a folder of the host by its group, older ones too, as its owner's group does", async () => {
  const dumps = join(folder, "of somebody");
  const old = join(dumps, "x/20261101T030000Z");
  mkdirSync(old, { recursive: true });
  writeFileSync(join(old, "x.backup"), "older\n");
  await ok("bash", [
    "-c",
    'chown -R 999:999 "$1" && chmod -R go= "$1" && chown 1234:4242 "$1"',
    ...["-", dumps],
  ]);
  const group = (await lab.owner(dumps)).stdout.trim();
  expect(group).toBe("4242");
  const agent = await lab.startAgent(dumps);
  await until("the agent listens", async () => (await agent.ask("list-dumps")).stderr === "");
  const seen = (path: string) => ok("stat", ["-c", "%u:%g %a", path]);
  expect(await seen(dumps)).toBe("999:4242 2750\n");
  expect(await seen(old)).toBe("999:4242 750\n");
  expect(await seen(join(old, "x.backup"))).toBe("999:4242 640\n");
  // What the agent makes now gets the group too.
  await agent.bash(
    "mkdir -m 0750 /backups/y && echo new > /backups/y/x.backup && chmod 0640 /backups/y/*",
  );
  expect(await agent.bash("grep ^Gid: /proc/$(pgrep -f agent.cjs | head -n 1)/status")).toMatch(
    /^Gid:\t4242\t4242\t/,
  );
  const reader = ["run", "--rm", "--user", `8200:${group}`, "--cap-drop=ALL", "--entrypoint=cat"];
  const { Config } = await lab.duplicati.inspect();
  const mount = ["--volume", `${dumps}:/backups:ro`, Config.Image];
  const files = ["/backups/x/20261101T030000Z/x.backup", "/backups/y/x.backup"];
  expect(await ok("docker", [...reader, ...mount, ...files])).toBe("older\nnew\n");
  await agent.container.remove({ force: true });
});

it("reads the dumps by their group, and can neither write nor remove them", async () => {
  const bash = async (script: string) => {
    const exec = await lab.duplicati.exec({
      Cmd: ["bash", "-c", script],
      AttachStdout: true,
      AttachStderr: true,
    });
    const stream = await exec.start({});
    stream.resume();
    await new Promise((resolve) => stream.on("end", resolve));
    return (await exec.inspect()).ExitCode;
  };
  expect(await bash("cat /backups/*/*/x.backup > /dev/null")).toBe(0);
  expect(await bash("touch /backups/new")).not.toBe(0);
  expect(await bash("rm /backups/x/*/x.backup")).not.toBe(0);
  expect(await bash("grep -qx 'CapEff:\t0000000000000000' /proc/1/status")).toBe(0);
  await lab.agent.bash("touch /backups/x/secret && chmod 0600 /backups/x/secret");
  expect(await bash("cat /backups/x/secret")).not.toBe(0);
  await lab.agent.bash("rm /backups/x/secret");
});

it("keeps the job through a restart", async () => {
  const began = Date.now();
  await lab.duplicati.stop({ t: 120 });
  expect(Date.now() - began).toBeLessThan(20_000);
  const down = await upload();
  expect(down).toMatchObject({
    result: "failed",
    detail: expect.stringMatching(
      new RegExp(`^Duplicati at http://${lab.name}-duplicati:8200 cannot be reached: [^.]*\\.$`),
    ),
  });
  await lab.duplicati.start();
  await lab.dump("x/20261121T060000Z", "echo fourth");
  expect(JSON.parse((await lab.job()).stdout)).toMatchObject({ id: "1", change: "changed" });
  expect(await upload()).toMatchObject({ result: "success" });
});

it("refuses to start without the key that its database was made with", async () => {
  await lab.duplicati.stop({ t: 120 });
  const stranger = await lab.startDuplicati({ key: "another", suffix: "-stranger" });
  const { StatusCode } = (await stranger.wait()) as { StatusCode: number };
  expect(StatusCode).toBe(1);
  expect(await lab.logs(stranger)).toContain(
    "SETTINGS_ENCRYPTION_KEY is not the key that the database was encrypted with.",
  );
  await lab.duplicati.start();
});

it("says in one sentence why the agent cannot make the job", async () => {
  const refused = await lab.job({ target: "s3://***" });
  expect(refused).toMatchObject({
    code: 1,
    stdout: "",
    stderr:
      "The job cannot be made in Duplicati: Duplicati answered 400: TargetURL is password placeholder value\n",
  });
});
