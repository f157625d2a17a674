import type Docker from "dockerode";
import type { RegistryLogin } from "./registryLogin";
import { isUnreachable } from "./unreachable";

/** What a registry has under a tag, as an engine sees it. */
export type Pushed =
  /** `architectures`: what it is built for, such as `amd64`. Empty where the registry does not say. */
  | { digest: string; architectures: string[] }
  /** `missing`: it has no such image. `refused`: this login may not read it. */
  | { no: "missing" | "refused" }
  /** The registry, or the engine itself, gave no answer that could be used. */
  | { no: "silent" | "engine"; error: Error };

/** The engine's answer. */
interface Distribution {
  Descriptor: { digest: string };
  Platforms?: { architecture?: string }[] | null;
}

const patienceMs = 15_000;

/** Asks a registry for the digest of an image, through the engine that would pull it. */
export async function pushedDigest(
  engine: Docker,
  image: string,
  login: RegistryLogin | undefined,
): Promise<Pushed> {
  try {
    const asked = engine.getImage(image).distribution({ authconfig: login } as object);
    const { Descriptor, Platforms } = (await within(asked)) as Distribution;
    const architectures = (Platforms ?? []).flatMap(({ architecture }) => architecture ?? []);
    return { digest: Descriptor.digest, architectures };
  } catch (thrown) {
    const error = thrown as Error & { statusCode?: number };
    if (error.statusCode === 404) return { no: "missing" };
    if (error.statusCode === 401 || error.statusCode === 403) return { no: "refused" };
    return { no: isUnreachable(error) ? "engine" : "silent", error };
  }
}

async function within<Value>(asked: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const why = `it gave no answer within ${patienceMs / 1000} s`;
    timer = setTimeout(() => reject(new Error(why)), patienceMs);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}
