import { Schedule } from "../../../components/schema/schedule";
import { Scheduler, type SchedulerArgs } from "../../../components/scheduler/scheduler";
import { proxyFlags, renderOfeliaIni } from "../../../components/scheduler/files";
import { readConfig } from "../../../scripts/standins/ofelia/config";
import { readFlags } from "../../../scripts/standins/socketProxy/flags";
import { refusal } from "../../../scripts/standins/socketProxy/rules";
import { type Made, named, render } from "../../support/mocks";
import { testStack } from "../../support/testStack";

const job = (name: string, schedule: string) => ({
  name,
  schedule: Schedule.parse(schedule),
  container: "laterbase-dev-agent",
  command: `laterbase-agent ${name}`,
  after: [],
});
const jobs = [job("dump", "@hourly"), job("upload", "0 3 * * 7")];

function scheduler(change: Partial<SchedulerArgs> = {}): Promise<Made[]> {
  return render(() => {
    new Scheduler("scheduler", {
      stack: testStack(),
      images: { ofelia: "mcuadros/ofelia:0.3.21", proxy: "wollomatic/socket-proxy:1.13.1" },
      jobs,
      ...change,
    });
  });
}

describe("the scheduler", () => {
  it("is Ofelia, a proxy and a network that only the two are in", async () => {
    const made = (await scheduler()).filter(
      ({ parent, name }) => parent === "scheduler" || name === "scheduler",
    );
    expect(made.map(({ type, name }) => [type, name])).toEqual([
      ["laterbase:index:Scheduler", "scheduler"],
      ["docker:index/network:Network", "scheduler-network"],
      ["docker:index/container:Container", "scheduler-proxy"],
      ["docker:index/container:Container", "scheduler-container"],
    ]);
    expect(named(made, "scheduler-network").inputs).toEqual({
      name: "laterbase-dev-scheduler",
      internal: true,
      labels: [
        { label: "laterbase.role", value: "scheduler" },
        { label: "laterbase.stack", value: "dev" },
      ],
    });
    for (const name of ["scheduler-proxy", "scheduler-container"]) {
      const { inputs, opts, secrets } = named(made, name);
      expect(inputs).toMatchObject({
        restart: "unless-stopped",
        memory: name === "scheduler-proxy" ? 128 : 256,
        memorySwap: name === "scheduler-proxy" ? 128 : 256,
        capabilities: { drops: ["ALL"] },
        securityOpts: ["no-new-privileges:true"],
        logDriver: "json-file",
        logOpts: { "max-size": "10m", "max-file": "3" },
      });
      expect(inputs["networksAdvanced"]).toHaveLength(1);
      expect(inputs["networksAdvanced"][0].name).toBe("laterbase-dev-scheduler");
      expect(inputs["ports"]).toBeUndefined();
      expect(secrets).toEqual([]);
      expect(opts).toMatchObject({
        deleteBeforeReplace: true,
        replaceOnChanges: ["healthcheck", "tmpfs", "init"],
      });
    }
  });

  it("gives the socket to the proxy alone, which lets Ofelia run commands in the agent", async () => {
    const made = await scheduler();
    expect(named(made, "scheduler-proxy").inputs).toMatchObject({
      name: "laterbase-dev-scheduler-proxy",
      image: "wollomatic/socket-proxy:1.13.1",
      user: "0",
      readOnly: true,
      command: [
        "-allowPOST=/containers/laterbase-dev-agent/exec",
        "-allowPOST=/exec/[0-9a-f]{64}/start",
        "-allowGET=/exec/[0-9a-f]{64}/json",
        "-allowfrom=laterbase-dev-scheduler",
        "-listenip=0.0.0.0",
        "-allowhealthcheck",
      ],
      volumes: [
        {
          hostPath: "/var/run/docker.sock",
          containerPath: "/var/run/docker.sock",
          readOnly: true,
        },
      ],
      healthcheck: { tests: ["CMD", "/healthcheck"] },
    });
    expect(named(made, "scheduler-container").inputs["volumes"]).toBeUndefined();
  });

  it("runs Ofelia as nobody, with its file, its zone and a short grace", async () => {
    const { inputs, opts } = named(await scheduler(), "scheduler-container");
    expect(inputs).toMatchObject({
      name: "laterbase-dev-scheduler",
      image: "mcuadros/ofelia:0.3.21",
      user: "65534:65534",
      envs: ["DOCKER_HOST=tcp://laterbase-dev-scheduler-proxy:2375", "TZ=Europe/London"],
      destroyGraceSeconds: 2,
      stopTimeout: 2,
      uploads: [
        {
          file: "/etc/ofelia/config.ini",
          content: renderOfeliaIni(jobs),
          permissions: "0444",
        },
      ],
      healthcheck: {
        tests: ["CMD-SHELL", "test $(($(date +%s) - $(stat -c %Y /tmp/heartbeat))) -lt 150"],
      },
    });
    // The image's own command reads that file.
    expect(inputs["command"]).toBeUndefined();
    expect(Object.keys(inputs["tmpfs"])).toEqual(["/tmp", "/var/tmp"]);
    expect(opts.dependsOn).toHaveLength(1);
  });

  it("replaces Ofelia's container when a schedule changes, because its file changes", async () => {
    const upload = async (change: Partial<SchedulerArgs>) =>
      named(await scheduler(change), "scheduler-container").inputs["uploads"][0].content;
    const changed = [job("dump", "@daily"), jobs[1]!];
    expect(await upload({ jobs: changed })).not.toBe(await upload({}));
  });
});

describe("Ofelia's file", () => {
  const ini = renderOfeliaIni(jobs);

  it("has six fields, the container's name, its user and no overlap", () => {
    expect(ini).toBe(`[job-exec "dump"]
schedule = @hourly
container = laterbase-dev-agent
user = postgres
command = laterbase-agent dump
no-overlap = true

[job-exec "upload"]
schedule = 0 0 3 * * 0
container = laterbase-dev-agent
user = postgres
command = laterbase-agent upload
no-overlap = true

[job-local "heartbeat"]
schedule = @every 1m
command = touch /tmp/heartbeat
no-overlap = true
`);
  });

  it("is read as it was meant", () => {
    const read = readConfig(ini, "config.ini");
    expect(read.map(({ kind, name, noOverlap }) => [kind, name, noOverlap])).toEqual([
      ["job-exec", "dump", true],
      ["job-exec", "upload", true],
      ["job-local", "heartbeat", true],
    ]);
    expect(read[1]).toMatchObject({ user: "postgres", command: "laterbase-agent upload" });
  });

  it.each(["sh -c 'a; b'", "a # b", 'say "x"', "a\nschedule = x", "a  b", ""])(
    "cannot hold the command %j",
    (command) => {
      expect(() => renderOfeliaIni([{ ...jobs[0]!, command }])).toThrow(
        `The scheduler takes plain words only, not ${JSON.stringify(command)}.`,
      );
    },
  );

  it("runs each job in the container that contributed it", () => {
    const other = { ...job("check", "@daily"), container: "laterbase-dev-primary" };
    expect(renderOfeliaIni([jobs[0]!, other])).toContain("container = laterbase-dev-primary\n");
    const flags = proxyFlags(["a", "b", "a"], "scheduler");
    expect(flags.filter((flag) => flag.includes("/containers/"))).toEqual([
      "-allowPOST=/containers/a/exec",
      "-allowPOST=/containers/b/exec",
    ]);
  });
});

describe("the proxy's rules", () => {
  const options = readFlags(proxyFlags(["my.project-dev-agent"], "my.project-dev-scheduler"));
  const id = "0123456789abcdef".repeat(4);
  const status = (method: string, target: string) =>
    refusal(options, method, target)?.status ?? "passes";

  it.each([
    ["POST", "/containers/my.project-dev-agent/exec", "passes"],
    ["POST", `/exec/${id}/start`, "passes"],
    ["GET", `/exec/${id}/json`, "passes"],
    ["POST", "/containers/my.project-dev-primary/exec", 403],
    ["POST", "/containers/myxproject-dev-agent/exec", 403],
    ["POST", "/containers/my.project-dev-agent/exec/", 403],
    ["POST", "/containers/my.project-dev-agent2/exec", 403],
    ["POST", "/containers/my.project-dev-agent/start", 403],
    ["POST", "/v1.41/containers/my.project-dev-agent/exec", 403],
    ["POST", "/containers/create", 403],
    ["POST", "/images/create?fromImage=alpine", 403],
    ["POST", "/containers/my.project-dev-agent/kill", 403],
    ["POST", `/exec/${id}/resize`, 403],
    ["POST", `/exec/${id.slice(1)}/start`, 403],
    ["POST", `/exec/${id}0/start`, 403],
    ["POST", `/exec/${id.toUpperCase()}/start`, 403],
    ["GET", `/exec/${id}/json\n`, 403],
    ["GET", `/exec/${id}/json%0a`, 403],
    ["GET", "/version", 403],
    ["GET", "/containers/json", 403],
    ["GET", "/containers/my.project-dev-agent/archive?path=/etc/laterbase/pgpass", 403],
    ["PUT", "/containers/my.project-dev-agent/archive?path=/", 405],
    ["DELETE", "/containers/my.project-dev-agent", 405],
    ["HEAD", "/_ping", 405],
    ["POST", "//containers/my.project-dev-agent/exec", 403],
    ["POST", "/containers/my.project-dev-agent/exec/../../../containers/create", 403],
    ["POST", "/containers/x/../my.project-dev-agent/exec", 403],
    ["POST", "/containers/x/%2e%2e/my.project-dev-agent/exec", 403],
    ["POST", "/containers/x%2f..%2fmy.project-dev-agent/exec", 403],
    ["POST", "http://docker/containers/x/../my.project-dev-agent/exec", 403],
    ["POST", "/containers/my.project-dev-agent/exec%00", 403],
    ["POST", "/%zz", 400],
  ])("%s %s: %s", (method, target, expected) => {
    expect(status(method, target)).toBe(expected);
  });

  it("hold no alternative, which the proxy would not group", () => {
    for (const rules of options.rules.values())
      for (const { source } of rules) expect(source).not.toContain("|");
  });
});
