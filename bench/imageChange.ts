import { setTimeout as sleep } from "node:timers/promises";
import { ok } from "../test/support/process";
import { sql } from "../test/support/stack";
import { type Figure, interleaved, type Measurement, median } from "./figure";
import { type PushedStack, withPushedStack } from "./pushedStack";
import { until } from "./until";

/** Measures how long a standby serves no reads when its image changes. */
export const imageChange: Measurement = {
  name: "image-change",
  run: ({ quick, say }) =>
    withPushedStack(2, async (stack) => {
      const [primary, standby] = stack.ports;
      const config = {
        primary: { kind: "managed", version: 17, port: primary, databases: ["app"] },
        standbys: [{ name: "standby", port: standby }],
      };
      say("pushing the image, and bringing up the stack");
      await stack.push(config);
      await stack.configure(stack.withImages(config));
      await stack.up();
      const { connections } = await stack.outputsOfSuperuser<Outputs>();
      const uri = connections["app"]!.standby;
      const container = stack.container("standby");
      let count = 0;
      const side = (what: string, act: () => Promise<unknown>) => async () => {
        const seconds = await away(uri, act);
        say(`${what}: reads away for ${seconds.toFixed(1)} s`);
        return seconds;
      };
      const runs = await interleaved(
        quick ? 1 : 5,
        async () => {
          const digest = await stack.replaceImage("postgres-17", String(++count));
          const seconds = await side("another image", () => stack.up())();
          await hasImage(stack, digest);
          return seconds;
        },
        side("docker restart", () => ok("docker", ["restart", container])),
      );
      const figure: Figure = {
        measured: "reads on the standby away when its image changes",
        against: "docker restart",
        unit: "s",
        ours: median(runs.ours),
        theirs: median(runs.theirs),
        kind: "difference",
        limit: 3,
        runs,
      };
      return [figure];
    }),
};

interface Outputs {
  connections: Record<string, { standby: string }>;
}

async function hasImage(stack: PushedStack, digest: string): Promise<void> {
  const words = ["inspect", "--format", "{{.Config.Image}}", stack.container("standby")];
  const image = (await ok("docker", words)).trim();
  if (!image.endsWith(`@${digest}`)) throw new Error(`The standby has the image ${image}.`);
}

/** Acts, and returns the longest time in seconds in which no new client could read. */
async function away(uri: string, act: () => Promise<unknown>): Promise<number> {
  const reads = () =>
    sql(uri, "select 1").then(
      () => true,
      () => undefined,
    );
  await until("the standby answers", 120, reads);
  let last = performance.now();
  let longest = 0;
  let done = false;
  const reader = (async () => {
    while (!done) {
      if (await reads()) {
        longest = Math.max(longest, performance.now() - last);
        last = performance.now();
      }
      await sleep(20);
    }
  })();
  try {
    await act();
    await until("the standby answers again", 120, reads);
  } finally {
    done = true;
    await reader;
  }
  return longest / 1000;
}
