import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** What is read of `pulumi stack export`. */
interface Exported {
  deployment?: {
    resources?: { urn: string; inputs?: { environment?: unknown } }[] | null;
  } | null;
}

/** How Pulumi's command ends where the backend has no such stack. */
const noSuchStack = 6;

/**
 * Whether a stack's state knows a managed primary that has worked on this engine. Undefined: the state cannot be read, so
 * nobody knows.
 *
 * @param stack with its organization and project: Pulumi Cloud may have it in another organization than the default one
 * @param host the engine's address. Absent: the local one
 */
export async function hadPrimary(
  stack: string,
  host: string | undefined,
  pulumi = "pulumi",
): Promise<boolean | undefined> {
  const words = ["stack", "export", "--stack", stack, "--non-interactive"];
  const limits = { timeout: 30_000, maxBuffer: 2 ** 28 };
  return promisify(execFile)(pulumi, words, limits)
    .then(({ stdout }) => knowsPrimary(JSON.parse(stdout) as Exported, host))
    .catch(({ code }: { code?: unknown }) => (code === noSuchStack ? false : undefined));
}

/** Whether the wait for the primary of an exported state came to its end on this engine. */
export function knowsPrimary({ deployment }: Exported, host: string | undefined): boolean {
  return (deployment?.resources ?? []).some(({ urn, inputs }) => {
    const environment = inputs?.environment as Record<string, unknown> | undefined;
    return urn.endsWith("::primary-ready") && environment?.["LATERBASE_ENGINE"] === (host ?? "");
  });
}
