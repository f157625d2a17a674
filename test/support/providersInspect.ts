import { docker } from "./providersTrial";

/**
 * What names one thing among others, or a moment, and so differs whoever made it. A comment tells
 * which of the engine's builders made an image: ours is the classic one.
 */
const OWN = new Set([
  ...["Id", "Created", "CreatedAt", "State", "Image", "ExecIDs", "Parent", "Metadata", "Size"],
  ...[
    "VirtualSize",
    "GraphDriver",
    "RootFS",
    "ContainerConfig",
    "Container",
    "Mountpoint",
    "Source",
  ],
  ...["ResolvConfPath", "HostnamePath", "HostsPath", "LogPath", "SandboxID", "SandboxKey"],
  ...["EndpointID", "NetworkID", "IPAddress", "Gateway", "MacAddress", "IPPrefixLen", "IPAM"],
  ...["Containers", "DockerVersion", "RepoDigests", "Comment"],
]);

/** What the engine says of everything of this name, in a form that can be compared. */
export function engineView(name: string): unknown {
  return {
    container: normal(inspect("container", name)),
    network: normal(inspect("network", name)),
    volume: normal(inspect("volume", name)),
    image: normal(inspect("image", `${name}:1`)),
    file: docker("exec", name, "stat", "-c", "%a %u %g %s", "/etc/x"),
  };
}

function inspect(kind: string, name: string): { Id?: string } {
  return (JSON.parse(docker(kind, "inspect", name)) as [{ Id?: string }])[0];
}

/** Without names of its own, without what is empty, lists without an order. */
function normal(value: unknown, id = idOf(value)): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => normal(item, id)).filter((item) => item !== undefined);
    return items.length > 0 ? items.sort((a, b) => text(a).localeCompare(text(b))) : undefined;
  }
  if (typeof value === "string") return value === "" || isOwn(value, id) ? undefined : value;
  if (typeof value !== "object") return value === 0 || value === false ? undefined : value;
  if (value === null) return undefined;
  const entries = Object.entries(value)
    .filter(([key]) => !OWN.has(key))
    .map(([key, inner]) => [key, normal(inner, id)] as const)
    .filter(([, inner]) => inner !== undefined);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

function idOf(value: unknown): string {
  const { Id } = (value ?? {}) as { Id?: unknown };
  return typeof Id === "string" ? Id.slice(0, 12) : "-";
}

/** The engine adds a container's short id to its aliases. */
function isOwn(value: string, id: string): boolean {
  return value === id;
}

function text(value: unknown): string {
  return JSON.stringify(value);
}
