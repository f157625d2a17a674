import { PipelineLab } from "../test/support/pipelineLab";
import { ok } from "../test/support/process";
import { type Figure, interleaved, type Measurement, median } from "./figure";
import { type PushedStack, stackFile, withPushedStack } from "./pushedStack";

interface Lab {
  stack: PushedStack;
  lab: PipelineLab;
  times: number;
  say: (line: string) => void;
}

/** Compares the jobs of .gitlab-ci.yml, run by gitlab-ci-local, with Pulumi's own commands. */
export const pipeline: Measurement = {
  name: "pipeline",
  run: ({ quick, say }) =>
    withPushedStack(4, async (stack) => {
      const first = configuration(stack, 0);
      say("pushing the images");
      await stack.push(first);
      await stack.configure(stack.withImages(first));
      say("bringing up the stack");
      await stack.up();
      const [user, password] = stack.login();
      const cache = process.env.XDG_CACHE_HOME || `${process.env.HOME}/.cache`;
      const lab = new PipelineLab(stack.name, {
        PULUMI_BACKEND_URL: stack.env["PULUMI_BACKEND_URL"]!,
        PULUMI_CONFIG_PASSPHRASE: stack.env["PULUMI_CONFIG_PASSPHRASE"]!,
        XDG_CACHE_HOME: cache,
        LATERBASE_REGISTRY: stack.repository,
        LATERBASE_REGISTRY_USER: user,
        LATERBASE_REGISTRY_PASSWORD: password,
        LATERBASE_TAG: stack.tag,
      });
      try {
        await lab.start();
        const sides = { stack, lab, times: quick ? 1 : 3, say };
        return [await previewJob(sides), await deployJob(sides)];
      } finally {
        lab.remove();
      }
    }),
};

function configuration({ ports }: PushedStack, minute: number): Record<string, unknown> {
  const [primary, standby, pooler, health] = ports;
  return {
    primary: { kind: "managed", version: 17, port: primary, databases: ["app"] },
    standbys: [{ name: "standby", port: standby }],
    pooler: { port: pooler },
    // No run falls into a measurement.
    dumps: { schedule: `${minute} 0 29 2 *`, retentionDays: 7, retentionCount: 3 },
    health: { port: health },
  };
}

/** A push that changes nothing. The cache is warm, as after the first job of a runner. */
async function previewJob({ stack, lab, times, say }: Lab): Promise<Figure> {
  const job = `preview: [${stack.name}]`;
  lab.configure(stackFile(configuration(stack, 0)));
  const ours = async () => {
    await lab.push("feature");
    lab.notes.notes = [];
    const seconds = await lasted(async () => must(await lab.request([job])));
    if (!lab.note.includes(": no change")) throw new Error(`The note says: ${lab.note}`);
    return seconds;
  };
  await ours();
  const runs = await interleaved(
    times,
    logged(say, "the preview's job", ours),
    logged(say, "pulumi preview", () => lasted(() => stack.preview("--expect-no-changes"))),
  );
  return difference("preview's job, warm cache, with its note", "pulumi preview", 20, runs);
}

async function deployJob({ stack, lab, times, say }: Lab): Promise<Figure> {
  let minute = 0;
  const changed = () => configuration(stack, ++minute);
  const ours = async () => {
    lab.configure(stackFile(changed()));
    await lab.push();
    const before = await containers(stack);
    const seconds = await lasted(async () => must(await lab.main(["deploy-dev"])));
    onlyJobs(before, await containers(stack));
    return seconds;
  };
  const theirs = async () => {
    await stack.configure(stack.withImages(changed()));
    return lasted(() => stack.must(["up", "--yes"]));
  };
  const runs = await interleaved(
    times,
    logged(say, "the deploy's job", ours),
    logged(say, "pulumi up", theirs),
  );
  return difference("deploy that changes one schedule", "the same pulumi up", 10, runs);
}

function difference(
  measured: string,
  against: string,
  limit: number,
  runs: Figure["runs"],
): Figure {
  return {
    ...{ measured, against, unit: "s", kind: "difference", limit, runs },
    ours: median(runs.ours),
    theirs: median(runs.theirs),
  };
}

const logged = (say: Lab["say"], what: string, run: () => Promise<number>) => async () => {
  const seconds = await run();
  say(`${what}: ${seconds.toFixed(1)} s`);
  return seconds;
};

async function lasted(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
}

function must({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }): void {
  if (code !== 0) throw new Error(`The job ended with ${code}:\n${stdout}${stderr}`);
}

/** The stack's containers: when each one was started, by role. */
async function containers(stack: PushedStack): Promise<Map<string, string>> {
  const filter = `label=laterbase.stack=${stack.name}`;
  const ids = await ok("docker", ["ps", "--all", "--quiet", "--filter", filter]);
  const format = '{{index .Config.Labels "laterbase.role"}} {{.Id}} {{.State.StartedAt}}';
  const lines = await ok("docker", ["inspect", "--format", format, ...ids.trim().split("\n")]);
  return new Map(
    lines
      .trim()
      .split("\n")
      .map((line) => [line.slice(0, line.indexOf(" ")), line]),
  );
}

/** A schedule concerns the agent, which says when it runs next, and the scheduler. */
function onlyJobs(before: Map<string, string>, after: Map<string, string>): void {
  const touched = [...after].filter(([role, line]) => before.get(role) !== line);
  const others = touched.map(([role]) => role).filter((role) => !allowed.includes(role));
  if (others.length > 0) throw new Error(`The deploy also touched ${others.join(", ")}.`);
  if (touched.length === 0) throw new Error("The deploy changed no container.");
}

const allowed = ["agent", "scheduler"];
