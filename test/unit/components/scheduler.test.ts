import { Schedule } from "../../../components/schema/schedule";
import { Scheduler, type SchedulerArgs } from "../../../components/scheduler/scheduler";
import { proxyRules, renderOfeliaIni } from "../../../components/scheduler/files";
import { readConfig } from "../../../scripts/standins/ofelia/config";
import { splitCommand } from "../../../scripts/standins/ofelia/words";
import { readRules } from "../../../scripts/socketProxy/rules";
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
      images: { ofelia: "mcuadros/ofelia:0.3.21", proxy: "laterbase/socket-proxy:1-abc" },
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

  it("gives the socket to the proxy alone, which lets Ofelia start its jobs", async () => {
    const made = await scheduler();
    expect(named(made, "scheduler-proxy").inputs).toMatchObject({
      name: "laterbase-dev-scheduler-proxy",
      image: "laterbase/socket-proxy:1-abc",
      user: "0",
      readOnly: true,
      command: [
        JSON.stringify({
          client: "laterbase-dev-scheduler",
          commands: [
            {
              container: "laterbase-dev-agent",
              argv: ["laterbase-agent", "dump"],
              user: "postgres",
            },
            {
              container: "laterbase-dev-agent",
              argv: ["laterbase-agent", "upload"],
              user: "postgres",
            },
          ],
        }),
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

  it("replaces Ofelia when a schedule changes, and the proxy too when a command does", async () => {
    const inputs = async (change: Partial<SchedulerArgs>) => {
      const made = await scheduler(change);
      const [ofelia, proxy] = ["scheduler-container", "scheduler-proxy"].map(
        (name) => named(made, name).inputs,
      );
      return [ofelia!["uploads"][0].content as string, proxy!["command"][0] as string] as const;
    };
    const [file, rules] = await inputs({});
    const later = await inputs({ jobs: [job("dump", "@daily"), jobs[1]!] });
    expect([later[0] === file, later[1] === rules]).toEqual([false, true]);
    const command = "laterbase-agent dump --all";
    const other = await inputs({ jobs: [{ ...jobs[0]!, command }, jobs[1]!] });
    expect(other[0]).toContain(`command = ${command}\n`);
    expect(readRules(other[1]).commands.map(({ argv }) => argv.join(" "))).toEqual([
      command,
      "laterbase-agent upload",
    ]);
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
    expect(proxyRules([other], "s").commands).toEqual([
      { container: "laterbase-dev-primary", argv: ["laterbase-agent", "check"], user: "postgres" },
    ]);
  });
});

describe("the proxy's rules", () => {
  it("are what Ofelia's file asks for, word by word, and the proxy reads them", () => {
    const rules = proxyRules(jobs, "laterbase-dev-scheduler");
    const asked = readConfig(renderOfeliaIni(jobs), "config.ini")
      .filter(({ kind }) => kind === "job-exec")
      .map(({ container, command, user }) => ({ container, argv: splitCommand(command), user }));
    expect(rules.commands).toEqual(asked);
    expect(readRules(JSON.stringify(rules))).toEqual(rules);
  });

  it("hold plain words only", () => {
    const wrong = [{ ...jobs[0]!, command: "sh -c 'a; b'" }];
    expect(() => proxyRules(wrong, "s")).toThrow("takes plain words only");
  });
});
