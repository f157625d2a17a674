import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** What is read of `pulumi stack export`. */
interface Exported {
  deployment?: {
    resources?: { urn: string; inputs?: { environment?: unknown } }[] | null;
  } | null;
}

/**
 * Whether a stack's state knows a managed primary that has worked on this engine. A state that cannot be read knows
 * none: then Pulumi itself says why.
 *
 * @param host the engine's address. Absent: the local one
 */
export async function hadPrimary(stack: string, host: string | undefined): Promise<boolean> {
  const words = ["stack", "export", "--stack", stack, "--non-interactive"];
  const limits = { timeout: 30_000, maxBuffer: 2 ** 28 };
  return promisify(execFile)("pulumi", words, limits)
    .then(({ stdout }) => knowsPrimary(JSON.parse(stdout) as Exported, host))
    .catch(() => false);
}

/** Whether the wait for the primary of an exported state came to its end on this engine. */
export function knowsPrimary({ deployment }: Exported, host: string | undefined): boolean {
  return (deployment?.resources ?? []).some(({ urn, inputs }) => {
    const environment = inputs?.environment as Record<string, unknown> | undefined;
    return urn.endsWith("::primary-ready") && environment?.["LATERBASE_ENGINE"] === (host ?? "");
  });
}
