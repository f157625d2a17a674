import stubs from "./dockerode.json";
import { isWrittenFor } from "./writtenFor";

/**
 * Keeps Node from loading the parts of dockerode that nothing here uses: BuildKit's session, and its
 * own way over SSH. They would cost every preview time. To be called before dockerode is loaded.
 */
export function stubDockerode(): void {
  for (const { library, version, unused } of stubs) {
    if (!isWrittenFor(library, version)) continue;
    const id = require.resolve(unused);
    const stub = { id, filename: id, loaded: true, exports: undefined };
    require.cache[id] ??= stub as unknown as NodeJS.Module;
  }
}
