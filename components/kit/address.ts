/** Where a server listens, as the side that connects sees it. */
export interface Address {
  /** A name or an IP address, without brackets. */
  host: string;
  /** A TCP port. */
  port: number;
}

/** The host under which people and other machines reach the ports that an engine publishes. */
export function publishedHost(engineHost: string | undefined, bindAddress: string): string {
  if (bindAddress !== "0.0.0.0" && bindAddress !== "::") return bindAddress;
  return (
    /^(?:ssh|tcp):\/\/(?:[^@/]*@)?(\[[^\]]+\]|[^:/]+)/.exec(engineHost ?? "")?.[1] ?? "127.0.0.1"
  );
}

/** A host as a URL holds it: an IPv6 address in brackets. */
export function bracketed(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}

/** The URL of a page that an engine publishes. */
export function pageUrl({ host, port }: Address): string {
  return `http://${bracketed(host)}:${port}`;
}
