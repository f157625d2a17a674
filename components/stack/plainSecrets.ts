import { configSchema } from "./configSchema";
import { type Path, secretPaths } from "../schema/secretPaths";
import { keyText } from "./keyText";

/** What says which keys are plain text. */
export interface Sources {
  /**
   * JSON from our wrapper, which reads the stack file: the paths of all its values that are not
   * encrypted. Absent for Pulumi without the wrapper.
   */
  plainKeys: string | undefined;
  /** JSON from Pulumi: the top-level keys with something encrypted in them, it does not say what. */
  secretKeys: string | undefined;
}

/**
 * A sentence for each secret that is plain text in the stack file, with the command that encrypts it.
 * Without our wrapper, the plain ones beside an encrypted one in the same top-level key are not known.
 *
 * @param raw the values of `laterbase:*`, with secrets in clear. No sentence repeats one
 */
export function plainSecrets(raw: unknown, stack: string, file: string, from: Sources): string[] {
  const isPlain = plainBy(from);
  return secretPaths(configSchema, raw)
    .filter(isPlain)
    .map((path) => {
      const key = keyText(path);
      return (
        `${key} is a secret, but it is plain text in ${file}. This command asks for its value and encrypts it: ` +
        `npm run pulumi -- config set --secret --path '${key}' --stack ${stack}`
      );
    });
}

function plainBy({ plainKeys, secretKeys }: Sources): (path: Path) => boolean {
  if (plainKeys) {
    const plain = new Set((JSON.parse(plainKeys) as Path[]).map((path) => JSON.stringify(path)));
    return (path) => plain.has(JSON.stringify(path));
  }
  const secret = JSON.parse(secretKeys || "[]") as string[];
  return ([top]) => !secret.includes(`laterbase:${top}`);
}
