import { pulumiVersion } from "./pulumiPatches";
import { isWrittenFor } from "./writtenFor";

/**
 * Pulumi's SDK loads TypeScript and npm's installer, to pack the code of functions that a program gives to a
 * cloud. Ours gives none, and to load both takes a tenth of a preview of `dev`.
 */
const unusedParts = ["@npmcli/arborist", "typescript"];

/** Takes the place of a library. What asks for a part of it gets the reason. */
export function refusing(library: string): object {
  const refuse = (_: object, part: string | symbol) => {
    // The SDK's modules ask for these when they import the library.
    if (typeof part === "symbol" || part === "__esModule" || part === "default") return undefined;
    throw new Error(
      `Laterbase keeps Pulumi from loading ${library}, which packs functions for a cloud (scripts/patches/unusedParts.ts).`,
    );
  };
  return new Proxy({}, { get: refuse });
}

/** Keeps Node from loading them. To be called before the SDK is loaded. */
export function skipUnusedParts(): void {
  if (!isWrittenFor("@pulumi/pulumi", pulumiVersion)) return;
  for (const library of unusedParts) {
    const id = found(library);
    if (id === undefined) continue;
    const stub = { id, filename: id, loaded: true, exports: refusing(library) };
    require.cache[id] ??= stub as unknown as NodeJS.Module;
  }
}

/** Another package manager may put a library where only the SDK finds it. Then it is loaded, which costs time. */
function found(library: string): string | undefined {
  try {
    return require.resolve(library);
  } catch {
    return undefined;
  }
}
