import fc from "fast-check";
import { ROLES, type RoundTripLab } from "./lab";
import { databaseOf, type Generated } from "./schemas";

/** How many schemas share a database, so that many fit into little time. */
const PER_DATABASE = 15;

export interface Trial {
  schemas: number;
  /** The same seed makes the same schemas. */
  seed: number;
  /** What fast-check printed for a failure: only that one is tried. */
  path?: string | undefined;
  /** For how long it looks for a smaller failure. */
  limitMs: number;
}

/**
 * Makes random databases, dumps and restores each of them in both ways, and compares. Returns nothing,
 * or the differences with the SQL of the smallest database that shows one.
 */
export async function tryGenerated(lab: RoundTripLab, trial: Trial): Promise<string | undefined> {
  const { schemas, seed, path, limitMs } = trial;
  let made = 0;
  let last: string[] = [];
  const property = fc.asyncProperty(databaseOf(PER_DATABASE), async (generated) => {
    const found = await bothWays(lab, generated, `trip ${++made} é`);
    if (found.length === 0) return;
    last = found;
    throw new Error(found.join("\n"));
  });
  const outcome = await fc.check(property, {
    seed,
    numRuns: Math.ceil(schemas / PER_DATABASE),
    interruptAfterTimeLimit: limitMs,
    markInterruptAsFailure: true,
    ...(path === undefined ? {} : { path }),
  });
  if (!outcome.failed) return undefined;
  const [smallest] = outcome.counterexample ?? [];
  const sql = smallest
    ? statementsOf(smallest, lab.major, "x").join(";\n")
    : "no database was tried in time";
  return `${last.join("\n")}\n\nseed ${seed}, path ${outcome.counterexamplePath}, ${outcome.numShrinks} times smaller:\n${sql};`;
}

async function bothWays(lab: RoundTripLab, generated: Generated, name: string): Promise<string[]> {
  const contents = generated.contents(lab.major, ROLES);
  try {
    await lab.make(name, generated.create, contents, generated.properties(lab.major, ROLES, name));
    const beside = await lab.roundTrip(name, "standby");
    return [...beside, ...(await lab.roundTrip(name, "primary"))];
  } finally {
    await lab.dropAll(name);
  }
}

function statementsOf(generated: Generated, major: number, name: string): string[] {
  return [
    `CREATE DATABASE ${name} TEMPLATE template0 ${generated.create}`,
    ...generated.contents(major, ROLES),
    ...generated.properties(major, ROLES, name),
  ];
}
