import { z } from "zod";
import type { ProxyRules } from "../../contract/socketProxy";

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/);

const Rules: z.ZodType<ProxyRules> = z.strictObject({
  client: name,
  commands: z
    .array(
      z.strictObject({
        container: name,
        argv: z.array(z.string().min(1)).min(1),
        user: z.string().min(1),
      }),
    )
    .min(1),
});

/**
 * The rules in the proxy's argument.
 *
 * @throws Error with one sentence
 */
export function readRules(text: string | undefined): ProxyRules {
  let given: unknown;
  try {
    given = JSON.parse(text ?? "");
  } catch {
    throw new Error("The socket proxy needs its rules, as JSON, in its only argument.");
  }
  const read = Rules.safeParse(given);
  if (read.success) return read.data;
  const { path, message } = read.error.issues[0]!;
  throw new Error(`The socket proxy cannot read its rules at ${path.join(".")}: ${message}.`);
}
