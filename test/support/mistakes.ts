import { ok } from "./process";
import type { Stack } from "./stack";

/** A mistake in a stack file, or beside it, and the sentence that `up` ends with. */
export interface Mistake {
  what: string;
  config: Record<string, unknown>;
  secrets?: Record<string, string>;
  sentence: string;
}

/** Every container of a stack that runs, with the time of its start. */
export async function runningOf(stack: Stack): Promise<string[]> {
  const filter = `label=laterbase.stack=${stack.name}`;
  const ids = (await ok("docker", ["ps", "--quiet", "--no-trunc", "--filter", filter])).split("\n");
  const format = "{{.Name}} {{.Id}} {{.State.StartedAt}}";
  return (await ok("docker", ["inspect", "--format", format, ...ids.filter(Boolean)]))
    .split("\n")
    .filter(Boolean)
    .sort();
}

/** Makes a mistake, and expects its sentence, and that everything that ran still runs. */
export async function refused(stack: Stack, mistake: Mistake): Promise<void> {
  const before = await runningOf(stack);
  await stack.configure(mistake.config, mistake.secrets);
  const { code, stdout, stderr } = await stack.pulumi(["up", "--yes", "--skip-preview"]);
  const said = stdout + stderr;
  // Pulumi indents the lines of an error, and begins the first one by that word.
  const lines = said.split("\n").map((line) => line.trim().replace(/^error: /, ""));
  expect(lines).toContainEqual(mistake.sentence);
  expect([code === 0, await runningOf(stack)]).toEqual([false, before]);
}
