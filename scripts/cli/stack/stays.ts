import { agentPaths } from "../../../contract/agentPaths";
import { pgBackRestPaths } from "../../../contract/pgBackRest";
import type { BackupsOutput } from "../../../contract/stackOutputs";
import { shellQuote } from "../../../contract/quoting";
import type { ExportedState, StateResource } from "./exportedState";

/** A folder of an engine's machine that holds the stack's dumps or a repository. */
export interface DataFolder {
  holds: "dumps" | "repository";
  /** The engine; empty: the default one. */
  host: string;
  path: string;
}

const resourcesOf = (state: ExportedState) => state.deployment.resources ?? [];

/** The folders of machines that hold dumps or repositories. No destroy removes one. */
export function dataFolders(state: ExportedState): DataFolder[] {
  const found = resourcesOf(state).flatMap((container) => {
    if (container.type !== "docker:index/container:Container") return [];
    const volumes = list<{ hostPath?: string; containerPath?: string }>(container, "volumes");
    return volumes.flatMap(({ hostPath, containerPath = "" }) => {
      const isRepository = containerPath.startsWith(`${pgBackRestPaths.repositories}/`);
      if (!hostPath || (containerPath !== agentPaths.backups && !isRepository)) return [];
      const holds = isRepository ? ("repository" as const) : ("dumps" as const);
      return [{ host: engineOf(state, container), path: hostPath, holds }];
    });
  });
  const seen = new Set<string>();
  return found.filter(({ host, path }) => {
    const key = `${host} ${path}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** The images of ours on the engines, built or pulled by their digest. Another stack may use them too. */
export function ownImages(state: ExportedState): { host: string; name: string }[] {
  const found = resourcesOf(state).flatMap((image) => {
    const name = image.inputs?.["name"];
    if (image.type !== "docker:index/remoteImage:RemoteImage" || typeof name !== "string")
      return [];
    // Those of other makers are pulled by a tag.
    const isOurs = image.inputs?.["build"] !== undefined || name.includes("@sha256:");
    return isOurs ? [{ host: engineOf(state, image), name }] : [];
  });
  return [...new Map(found.map((one) => [`${one.host} ${one.name}`, one])).values()];
}

/**
 * The URNs of the passwords that people and programs log in with. Destroy leaves them, so the next `up` has the
 * same ones. The roles on the primary are dropped, and their passwords with them.
 */
export function keptLogins(state: ExportedState): string[] {
  const prepared = resourcesOf(state).filter(
    ({ type }) => type === "laterbase:index:PreparedPrimary",
  );
  const parents = new Set(prepared.map(({ urn }) => urn));
  return resourcesOf(state)
    .filter(({ type }) => type === "random:index/randomPassword:RandomPassword")
    .filter(({ parent }) => !parent || !parents.has(parent))
    .map(({ urn }) => urn);
}

/** What stays on the machines after a destroy, a sentence each, with the command that removes it. */
export function staysOnMachines(state: ExportedState): string[] {
  const at = (host: string) => (host === "" ? "" : ` on ${host}`);
  const folders = dataFolders(state).map(
    ({ host, path, holds }) =>
      `Kept: the folder ${path}${at(host)} with ${holds === "dumps" ? "the dumps" : "a repository of backups"}. To remove it: rm -r ${word(path)}`,
  );
  const images = ownImages(state);
  const ofHost = [...new Set(images.map(({ host }) => host))].map((host) => {
    const names = images.filter((one) => one.host === host).map(({ name }) => name);
    const docker = host === "" ? "docker" : `docker -H ${host}`;
    const all = names.length === 1 ? "1 image" : `${names.length} images`;
    return `Kept: ${all}${at(host)}. To remove: ${docker} image rm ${names.join(" ")}`;
  });
  return [...folders, ...remoteRepositories(state), ...ofHost];
}

/** The repositories that no volume and no folder of the stack's machines hold. */
function remoteRepositories(state: ExportedState): string[] {
  const stack = resourcesOf(state).find(({ type }) => type === "pulumi:pulumi:Stack");
  const { backups } = (stack?.outputs ?? {}) as { backups?: Partial<BackupsOutput> };
  return (backups?.repositories ?? [])
    .filter(({ type }) => type !== "posix" && type !== "objectStore")
    .map(({ number, location }) => `Kept: repository ${number} of the backups, ${location}.`);
}

/** The state without the stack's outputs: after a destroy they are addresses at which nothing is. */
export function withoutOutputs(state: ExportedState): ExportedState {
  const { resources, ...rest } = state.deployment;
  if (!resources) return state;
  const silent = resources.map((one) =>
    one.type === "pulumi:pulumi:Stack" ? { ...one, outputs: {} } : one,
  );
  return { ...state, deployment: { ...rest, resources: silent } };
}

function engineOf(state: ExportedState, { provider = "" }: StateResource): string {
  const own = resourcesOf(state).find(({ urn }) => provider.startsWith(`${urn}::`));
  const host = own?.inputs?.["host"];
  return typeof host === "string" ? host : "";
}

function list<T>({ inputs }: StateResource, name: string): T[] {
  const value = inputs?.[name];
  return Array.isArray(value) ? (value as T[]) : [];
}

function word(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : shellQuote(path);
}
