import { root, timed } from "./command";
import { bringDevUpToDate } from "./dev";
import { type Figure, type Measurement, median } from "./figure";

const script = `${root}/scripts/npm/laterbase.sh`;

/** Commands that people type and wait for, and how long they may take in seconds. */
const commands = [
  { words: ["--help"], measured: "`laterbase --help`, without npm", limit: 0.4 },
  { words: ["status"], measured: "`laterbase status` of `dev`, without npm", limit: 1.5 },
] as const;

/** The operator's command on the stack dev, as its script starts it. */
export const operatorCommand: Measurement = {
  name: "command",
  run: async ({ quick, say }) => {
    await bringDevUpToDate(say);
    const rounds = quick ? 3 : 11;
    const env = { ...process.env, PULUMI_STACK: "dev" };
    const figures: Figure[] = [];
    for (const { words, measured, limit } of commands) {
      say(`${rounds} times ${words.join(" ")}`);
      // The first one bundles the program where its sources have changed.
      await timed(script, [...words], { env });
      const ours: number[] = [];
      for (let round = 0; round < rounds; round++)
        ours.push(await timed(script, [...words], { env }));
      figures.push({
        ...{ measured, against: "nothing", unit: "s", kind: "difference", limit },
        ...{ ours: median(ours), theirs: 0, runs: { ours, theirs: [] } },
      });
    }
    return figures;
  },
};
