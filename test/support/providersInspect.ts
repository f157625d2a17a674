import { docker } from "./providersTrial";

/**
 * Names, ids and times, which always differ. An image's comment names the builder, which is the classic
 * one here.
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

/** What the engine returns for everything of this name, in a comparable form. */
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

/** Without generated names and empty values, and with sorted lists. */
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

/** Removes the short id that the engine adds to a container's aliases. */
function isOwn(value: string, id: string): boolean {
  return value === id;
}

function text(value: unknown): string {
  return JSON.stringify(value);
}
