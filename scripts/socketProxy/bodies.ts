import { z } from "zod";
import type { AllowedCommand } from "../../contract/socketProxy";

/** The longest body that is read, in bytes. Ofelia's have a few hundred. */
export const bodyLimit = 64 * 1024;

/** What Ofelia sends to make an exec. A key that is not here is refused. */
const CreateBody = z.strictObject({
  Cmd: z.array(z.string()),
  Container: z.string().optional(),
  User: z.string(),
  AttachStdin: z.literal(false).optional(),
  AttachStdout: z.boolean().optional(),
  AttachStderr: z.boolean().optional(),
  Tty: z.literal(false).optional(),
});

/** What Ofelia sends to start one. Its Go library also writes the first four, which say nothing. */
const StartBody = z.strictObject({
  InputStream: z.null().optional(),
  OutputStream: z.strictObject({}).nullable().optional(),
  ErrorStream: z.strictObject({}).nullable().optional(),
  RawTerminal: z.literal(false).optional(),
  Detach: z.literal(false).optional(),
  Tty: z.literal(false).optional(),
});

/**
 * The body with which the engine makes the exec that a client asks for, or undefined where no rule
 * allows it. It is made of the rule: nothing that the client wrote gets to the engine.
 */
export function createBody(
  commands: readonly AllowedCommand[],
  container: string,
  text: string,
): string | undefined {
  const asked = CreateBody.safeParse(canonical(text)).data;
  if (!asked || (asked.Container ?? container) !== container) return undefined;
  const rule = commands.find(
    (one) =>
      one.container === container && one.user === asked.User && sameWords(one.argv, asked.Cmd),
  );
  if (!rule) return undefined;
  return JSON.stringify({
    Cmd: rule.argv,
    User: rule.user,
    AttachStdin: false,
    AttachStdout: asked.AttachStdout ?? false,
    AttachStderr: asked.AttachStderr ?? false,
    Tty: false,
    Privileged: false,
  });
}

/** Whether a body asks for the start that the proxy makes: attached, and without a terminal. */
export function mayStart(text: string): boolean {
  return StartBody.safeParse(canonical(text)).success;
}

/** The only body that starts an exec. */
export const startBody = JSON.stringify({ Detach: false, Tty: false });

/**
 * JSON in the one form in which Ofelia's library writes it, and undefined in every other: a key that
 * comes twice, white space and needless escapes do not survive the way through the parser.
 */
function canonical(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

const sameWords = (one: readonly string[], other: readonly string[]) =>
  one.length === other.length && one.every((word, at) => word === other[at]);
