import { Readable } from "node:stream";
import { extract } from "tar-stream";
import { agentFiles, agentPaths } from "../../../contract/agentPaths";
import { pgBackRestPaths } from "../../../contract/pgBackRest";
import { containerName, type ContainerRole } from "../../../contract/names";
import { generationName, type Rotations, type RotationTarget } from "../../../contract/rotations";
import { connect } from "../../engine/connect";
import type { FoundThing } from "../engines/found";

/** Values of generated secrets, by the name of their resource. They stay in memory. */
export type Rescued = Record<string, string>;

/** A generated secret that a container holds as a file, and without which its data cannot be used. */
interface Held {
  /** The name of the resource that generates it first. */
  resource: string;
  /** What `laterbase:rotations` calls it, where it can be replaced. The container holds the one in force. */
  target?: RotationTarget;
  role: ContainerRole;
  file: string;
}

const held: readonly Held[] = [
  {
    resource: "agent-manifest-key",
    role: "agent",
    file: `${agentPaths.etc}/${agentFiles.manifestKey}`,
  },
  {
    resource: "duplicati-settings-key",
    role: "duplicati",
    file: "/etc/laterbase/settings-key",
  },
  {
    resource: "duplicati-password",
    target: "duplicati",
    role: "duplicati",
    file: "/etc/laterbase/web-password",
  },
  {
    resource: "pgadmin-password",
    target: "pgadmin",
    role: "pgadmin",
    file: "/etc/laterbase/password",
  },
];

/** What decides where a secret is, and which resource has it. */
interface RescueArgs {
  /** What the names of the stack's containers begin with. */
  prefix: string;
  /** The number of a repository that the generated passphrase encrypts. Absent: none. */
  encrypted?: number | undefined;
  /** How often each secret was replaced. */
  rotations?: Rotations | undefined;
}

/** Reads the secrets that containers still hold, running or not. One that is not there is left out. */
export async function rescue(
  found: readonly FoundThing[],
  { prefix, encrypted, rotations = {} }: RescueArgs,
): Promise<Rescued> {
  const values = await Promise.all([
    ...(encrypted === undefined ? [] : [passphraseOf(found, prefix, encrypted)]),
    ...held.map(async ({ resource, target, role, file }) => {
      const thing = found.find(
        ({ kind, name }) => kind === "container" && name === containerName(prefix, role),
      );
      const value = thing && (await readFile(thing, file));
      const rotation = target === undefined ? 0 : (rotations[target] ?? 0);
      return value ? [[generationName(resource, rotation), value] as const] : [];
    }),
  ]);
  return Object.fromEntries(values.flat());
}

/** The passphrase of a repository is in pgBackRest's configuration, which the agent and the primary mount. */
async function passphraseOf(found: readonly FoundThing[], prefix: string, repository: number) {
  for (const role of ["agent", "primary"] as const) {
    const one = found.find(
      ({ kind, name }) => kind === "container" && name === containerName(prefix, role),
    );
    const text = one && (await readFile(one, `${pgBackRestPaths.conf}/conf.d/repo.conf`));
    const value = text && passphraseIn(text, repository);
    if (value) return [["pgbackrest-passphrase", value] as const];
  }
  return [];
}

/** The passphrase of a repository in pgBackRest's configuration. */
export function passphraseIn(text: string, repository: number): string | undefined {
  const key = `repo${repository}-cipher-pass=`;
  return text
    .split("\n")
    .find((line) => line.startsWith(key))
    ?.slice(key.length);
}

async function readFile({ host, id }: FoundThing, path: string): Promise<string | undefined> {
  try {
    const archive = await connect({ host }).getContainer(id).getArchive({ path });
    const reader = extract();
    Readable.from(archive).pipe(reader);
    let text = "";
    for await (const entry of reader) {
      for await (const chunk of entry) text += (chunk as Buffer).toString("utf8");
    }
    return text.trimEnd();
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
}
