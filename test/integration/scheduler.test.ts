import { plainRequest, SchedulerLab } from "../support/schedulerLab";
import { until } from "../support/process";

jest.setTimeout(600_000);

const lab = new SchedulerLab();
const schedule = { text: "@every 2s", every: 2 };
const job = (command: string, name = "dump") => ({ name, schedule, command });

beforeAll(() => lab.open());
afterAll(() => lab.dispose());

describe("a fast schedule", () => {
  it("runs its command in the agent at each tick, as postgres", async () => {
    const tick =
      '#!/bin/sh\necho "$(date +%s%3N) $(id -un) $#" >> /tmp/ticks; echo out; echo err >&2\n';
    await lab.bash(
      lab.agent,
      `printf '%s' '${tick}' > /usr/local/bin/tick; chmod 755 /usr/local/bin/tick`,
    );
    await lab.start([job("tick one two")]);
    await until(
      "five ticks",
      async () => Number(await lab.bash(lab.agent, "wc -l < /tmp/ticks")) >= 5,
    );
    const lines = (await lab.bash(lab.agent, "cat /tmp/ticks")).trim().split("\n").slice(0, 5);
    expect(lines.map((line) => line.split(" ").slice(1))).toEqual(Array(5).fill(["postgres", "2"]));
    const times = lines.map((line) => Number(line.split(" ")[0]));
    // A busy machine starts one command late, so the four gaps count together.
    const gap = (times[4]! - times[0]!) / 4;
    expect(gap).toBeGreaterThan(1500);
    expect(gap).toBeLessThan(2500);
    const log = await lab.logged("failed: false, skipped: false, error: none", 3);
    expect(log).toContain('New job registered "dump" - "tick one two" - "@every 2s"');
    expect(log).toMatch(
      /common\.go:\d+ ▶ NOTICE \[Job "dump" \([0-9a-f]{12}\)\] Started - tick one two/,
    );
    expect(log).toMatch(/\] StdOut: out\n/);
    expect(log).toMatch(/\] StdErr: err\n/);
  });

  it("is run by a stand-in that says so, and by a proxy that says what it allows", async () => {
    expect(await lab.log()).toMatch(/^laterbase stand-in for mcuadros\/ofelia:0\.3\.21: /);
    expect(await lab.log(lab.proxy)).toContain(
      `socket-proxy: ${lab.ofelia} may run in ${lab.agent} as postgres: tick one two\n`,
    );
  });

  it("needs no privileges", async () => {
    for (const [name, user] of [
      [lab.ofelia, "65534"],
      [lab.proxy, "0"],
    ] as const) {
      const status = await lab.bash(name, "cat /proc/1/status");
      expect(status).toMatch(new RegExp(`^Uid:\\t${user}\\t`, "m"));
      expect(status).toMatch(/^CapEff:\t0+$/m);
      expect(status).toMatch(/^CapBnd:\t0+$/m);
      expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    }
    await expect(lab.bash(lab.proxy, "touch /here")).rejects.toThrow("Read-only file system");
    expect(Object.keys((await lab.inspect(lab.ofelia)).NetworkSettings.Networks)).toEqual([
      lab.ofelia,
    ]);
  });
});

describe("the socket proxy", () => {
  const spec = JSON.stringify({ Image: "alpine", HostConfig: { Binds: ["/:/host"] } });
  const job = { Cmd: ["tick", "one", "two"], User: "postgres", AttachStdout: true };
  const exec = JSON.stringify(job);

  it("allows the job's own command in the agent, and nothing that differs from it", async () => {
    const target = `/containers/${lab.agent}/exec`;
    expect(await lab.status("POST", target, exec)).toBe(201);
    for (const change of [
      { Cmd: ["id"] },
      { User: "root" },
      { Privileged: true },
      { Env: ["LD_PRELOAD=/tmp/x.so"] },
      { Tty: true },
    ])
      expect(await lab.status("POST", target, JSON.stringify({ ...job, ...change }))).toBe(403);
  });

  it.each<[string, string, () => string, string]>([
    ["a container's creation", "POST", () => "/containers/create", spec],
    ["the same with a version", "POST", () => "/v1.41/containers/create", spec],
    ["an exec into PostgreSQL's container", "POST", () => `/containers/${lab.primary}/exec`, exec],
    ["an image's pull", "POST", () => "/images/create?fromImage=alpine&tag=latest", ""],
    ["an image's build", "POST", () => "/build", ""],
    ["a stop", "POST", () => `/containers/${lab.agent}/stop`, ""],
    ["a kill", "POST", () => `/containers/${lab.agent}/kill`, ""],
    ["a restart", "POST", () => `/containers/${lab.agent}/restart`, ""],
    ["a removal", "DELETE", () => `/containers/${lab.agent}?force=true`, ""],
    ["reading files", "GET", () => `/containers/${lab.agent}/archive?path=/etc`, ""],
    ["writing files", "PUT", () => `/containers/${lab.agent}/archive?path=/`, ""],
    ["the list of containers", "GET", () => "/containers/json", ""],
    ["inspection", "GET", () => `/containers/${lab.agent}/json`, ""],
    ["dots", "POST", () => `/containers/${lab.agent}/exec/../../create`, spec],
    ["dots first", "POST", () => `/containers/x/../${lab.primary}/exec`, exec],
    ["encoded dots", "POST", () => `/containers/${lab.agent}/exec/%2e%2e/%2e%2e/create`, spec],
    ["encoded slashes", "POST", () => `/containers/${lab.agent}%2f..%2f${lab.primary}/exec`, exec],
    ["double slashes", "POST", () => "//containers/create", spec],
    ["an address with a host", "POST", () => "http://docker/containers/create", spec],
    ["a query that looks right", "POST", () => `/containers/create?/exec/x/start`, spec],
  ])("refuses %s", async (_what, method, target, body) => {
    expect(await lab.status(method, target(), body)).toBe(403);
    expect(await lab.log(lab.proxy)).toContain("the call is not allowed");
  });

  it("forwards no second request behind an upgrade", async () => {
    const start =
      `POST /exec/${"0".repeat(64)}/start HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\n` +
      "Upgrade: tcp\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    const answer = await lab.send(start + plainRequest("GET", "/containers/json"));
    const [first, ...more] = answer.match(/(?<=HTTP\/1\.1 )\d+/g) ?? [];
    expect([first, more]).toEqual(["403", []]);
  });

  it("answers only the scheduler", async () => {
    expect(await lab.send(plainRequest("GET", "/version"), lab.proxy)).toMatch(/^HTTP\/1\.1 403 /);
    expect(await lab.log(lab.proxy)).toContain("only the scheduler may call");
  });
});

describe("after a failure", () => {
  it("the scheduler logs it, and goes on when the agent is back", async () => {
    await lab.restart([job("tick again")]);
    await lab.logged("failed: false");
    await lab.remove(lab.agent);
    await lab.logged(`error creating exec: No such container: ${lab.agent}`);
    await lab.target(lab.agent);
    // The new container does not have the command yet.
    await lab.logged("error non-zero exit code: 126");
    const tick =
      "printf '#!/bin/sh\\necho back\\n' > /usr/local/bin/tick; chmod 755 /usr/local/bin/tick";
    await lab.bash(lab.agent, tick);
    await lab.logged("StdOut: back");
  });

  it("the scheduler logs a stopped container, a failing command and a killed one", async () => {
    const script = "#!/bin/bash\\n[ -e /tmp/fail ] && exit 3\\nexec sleep 30\\n";
    await lab.bash(
      lab.agent,
      `printf '${script}' > /usr/local/bin/work; chmod 755 /usr/local/bin/work; touch /tmp/fail`,
    );
    await lab.restart([job("work")]);
    await lab.logged("failed: true, skipped: false, error: error non-zero exit code: 3");
    await lab.bash(lab.agent, "rm /tmp/fail");
    await until(
      "a run",
      async () => (await lab.bash(lab.agent, "pgrep -fx 'sleep 30' || true")) !== "",
    );
    await lab.bash(lab.agent, "pkill -KILL -fx 'sleep 30'");
    await lab.logged("error non-zero exit code: 137");
    await lab.stop(lab.agent);
    await lab.logged(/error creating exec: API error \(409\): Container [0-9a-f]+ is not running/);
    await lab.startAgain(lab.agent);
  });

  it("a tick is skipped while the last run is not over", async () => {
    const script = "#!/bin/sh\\necho run >> /tmp/runs; sleep 5\\n";
    await lab.bash(
      lab.agent,
      `printf '${script}' > /usr/local/bin/slow; chmod 755 /usr/local/bin/slow`,
    );
    await lab.restart([job("slow")]);
    const log = await lab.logged(
      /Finished in "5\.\d+s", failed: false, skipped: false, error: none/,
    );
    expect(log.match(/failed: false, skipped: true, error: none/g)!.length).toBeGreaterThanOrEqual(
      2,
    );
    expect((await lab.bash(lab.agent, "cat /tmp/runs")).trim().split("\n").length).toBeLessThan(3);
  });

  it("a stop does not wait for a running job, which goes on without the scheduler", async () => {
    await lab.bash(
      lab.agent,
      "printf '#!/bin/sh\\nsleep 12; echo done > /tmp/done\\n' > /usr/local/bin/long; chmod 755 /usr/local/bin/long",
    );
    await lab.restart([job("long")]);
    await lab.logged("Started - long");
    const began = Date.now();
    // The container has a short grace period, after which Docker kills it.
    await lab.stop(lab.ofelia);
    expect(Date.now() - began).toBeLessThan(6000);
    expect((await lab.inspect(lab.ofelia)).State.ExitCode).toBe(137);
    const log = await lab.log();
    expect(log).toContain("Signal received: terminated, shutting down the process");
    expect(log).toContain("Waiting running jobs.");
    await until(
      "the command's end",
      async () => (await lab.bash(lab.agent, "cat /tmp/done")) === "done\n",
    );
  });

  it.each([
    [
      "a key that it does not know",
      '[job-local "a"]\nschedule = @daily\ncomand = true',
      "can't store data",
    ],
    ["a fault in the file", "[job-local\n", "expected subsection name or right bracket"],
    ["no file", undefined, "open /etc/ofelia/config.ini: no such file or directory"],
    ["no job", "[global]\n", "unable to start a empty scheduler."],
    [
      "bad schedules only",
      '[job-local "a"]\nschedule = 0 0 * * 7 7\ncommand = true',
      "unable to start a empty scheduler.",
    ],
  ])("ends with 1 for %s", async (_what, ini, reason) => {
    const { code, log } = await lab.ofeliaWith(ini);
    expect([code, log]).toEqual([1, expect.stringContaining(reason)]);
  });
});

describe("the health checks", () => {
  it("find both healthy", async () => {
    await lab.restart([job("tick")]);
    await until("health", async () => {
      const states = await Promise.all([lab.ofelia, lab.proxy].map((name) => lab.inspect(name)));
      return states.every(({ State }) => State.Health?.Status === "healthy");
    });
    const { Config } = await lab.inspect(lab.ofelia);
    const test = Config.Healthcheck!.Test![1]!;
    const check = `docker_test() { ${test}; }; docker_test && echo fresh || echo stale`;
    expect(await lab.bash(lab.ofelia, check)).toBe("fresh\n");
  });
});
