import { publishedHost } from "../kit/address";
import type { StackContext } from "../kit/context";
import { isAny } from "../schema/primitives";

/** The hosts that pgAdmin's page answers to, as browsers name them. */
export interface Hosts {
  /** Names and addresses in lower case, without port and brackets. */
  names: string[];
  /** Whether every address counts, because the page listens on all of the machine's. */
  anyAddress: boolean;
}

/**
 * The page's own names: of the machine itself, of `bindAddress`, of the engine, and those that the
 * configuration adds. A page elsewhere that gives its own name this address (DNS rebinding) has none.
 */
export function allowedHosts(
  { bindAddress, engine }: Pick<StackContext, "bindAddress" | "engine">,
  hostNames: readonly string[],
): Hosts {
  const anyAddress = isAny(bindAddress);
  const names = [
    ...["localhost", "127.0.0.1", "::1"],
    ...(anyAddress ? [] : [bindAddress]),
    publishedHost(engine.host, "0.0.0.0").replace(/^\[|\]$/g, ""),
    ...hostNames,
  ];
  return { names: [...new Set(names.map((name) => name.toLowerCase()))], anyAddress };
}
