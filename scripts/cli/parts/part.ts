import { containerRoles } from "../../../contract/names";

/** What kind of thing a container of a stack is: one of `containerRoles`, or a standby. */
export type Kind = (typeof containerRoles)[number] | "standby";

/** A container that the stack has declared. */
export interface Part {
  kind: Kind;
  /** What people call it: a standby's own name, or its role. */
  name: string;
  container: string;
  /** Its engine; empty: the default one. */
  host: string;
  /** The name of the superuser in it, for servers. */
  superuser: string;
  /** Where it listens for people: a host and a port. Absent where it publishes nothing. */
  published?: { host: string; port: number };
}

/** What is read of a resource that Pulumi knows, of a state or of an update. A secret in it is no text. */
export interface Declared {
  urn: string;
  type: string;
  /** The URN of its provider, and behind `::` the provider's id. */
  provider?: string | undefined;
  inputs?: Record<string, unknown> | undefined;
}

const containerType = "docker:index/container:Container";
const providerType = "pulumi:providers:docker";

/** In which order people read of them: what holds data, what reaches it, what works for it. */
const order: readonly Kind[] = [
  ...(["primary", "standby", "pooler", "pgadmin"] as const),
  ...(["object-store", "agent", "scheduler", "scheduler-proxy", "duplicati", "health"] as const),
];

/** The containers among a stack's resources. */
export function partsAmong(resources: readonly Declared[]): Part[] {
  const parts = found(resources);
  return parts.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}

function found(resources: readonly Declared[]): Part[] {
  const hosts = new Map(
    resources
      .filter(({ type }) => type === providerType)
      .map(({ urn, inputs }) => [urn, text(inputs?.["host"])]),
  );
  return resources.flatMap(({ type, inputs, provider = "" }) => {
    if (type !== containerType || !inputs) return [];
    const labels = list<{ label: string; value: string }>(inputs["labels"]);
    const role = labels.find(({ label }) => label === "laterbase.role")?.value;
    if (!role) return [];
    const [port] = list<{ external: number; ip?: string }>(inputs["ports"]);
    const envs = list<string>(inputs["envs"]);
    const superuser = envs.find((one) => one.startsWith("SUPERUSER="))?.slice("SUPERUSER=".length);
    return [
      {
        kind: isKind(role) ? role : "standby",
        name: role,
        container: text(inputs["name"]),
        host: hosts.get(provider.slice(0, provider.lastIndexOf("::"))) ?? "",
        superuser: superuser ?? "postgres",
        ...(port ? { published: { host: port.ip ?? "0.0.0.0", port: port.external } } : {}),
      },
    ];
  });
}

function isKind(role: string): role is Kind {
  return (containerRoles as readonly string[]).includes(role);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function list<T>(value: unknown): T[] {
  return Array.isArray(value) ? (value as T[]) : [];
}
