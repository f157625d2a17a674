import { containerRoles } from "../../../contract/names";
import { hiddenSecret, type StepEvent } from "../events";

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

const containerType = "docker:index/container:Container";
const providerType = "pulumi:providers:docker";

/** In which order people read of them: what holds data, what reaches it, what works for it. */
const order: readonly Kind[] = [
  ...(["primary", "standby", "pooler", "pgadmin"] as const),
  ...(["object-store", "agent", "scheduler", "scheduler-proxy", "duplicati"] as const),
];

/** The containers among a stack's resources. */
export function partsOf(resources: readonly StepEvent[]): Part[] {
  const parts = found(resources);
  return parts.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}

function found(resources: readonly StepEvent[]): Part[] {
  const hosts = new Map(
    resources
      .filter(({ type }) => type === providerType)
      .map(({ urn, new: now }) => [urn, text(now?.inputs["host"])]),
  );
  return resources.flatMap(({ type, new: now }) => {
    if (type !== containerType || !now) return [];
    const { inputs } = now;
    const labels = list<{ label: string; value: string }>(inputs["labels"]);
    const role = labels.find(({ label }) => label === "laterbase.role")?.value;
    if (!role) return [];
    const provider = now.provider.slice(0, now.provider.lastIndexOf("::"));
    const [port] = list<{ external: number; ip?: string }>(inputs["ports"]);
    const envs = list<string>(inputs["envs"]);
    const superuser = envs.find((one) => one.startsWith("SUPERUSER="))?.slice("SUPERUSER=".length);
    return [
      {
        kind: isKind(role) ? role : "standby",
        name: role,
        container: text(inputs["name"]),
        host: hosts.get(provider) ?? "",
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
  return typeof value === "string" && value !== hiddenSecret ? value : "";
}

function list<T>(value: unknown): T[] {
  return Array.isArray(value) ? (value as T[]) : [];
}
