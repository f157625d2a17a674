import {
  generationName,
  isRotationTarget,
  type RotationTarget,
  type Rotations,
  rotationTargets,
} from "../../../contract/rotations";
import { type ExportedState, resourcesOf, type StateResource } from "./exportedState";

const passwordType = "random:index/randomPassword:RandomPassword";

/** The resources that hold each secret, by the names of their first passwords. */
const resources: Readonly<Record<RotationTarget, readonly string[]>> = {
  superuser: ["primary-superuser"],
  replication: ["preparation-password"],
  dumps: ["preparation-dumps-password"],
  pooler: ["pooler-admin", "pooler-stats"],
  pgadmin: ["pgadmin-password", "preparation-pgAdmin-password"],
  duplicati: ["duplicati-password"],
  objectStore: ["object-store-access-key", "object-store-secret-key"],
  health: ["preparation-health-password", "agent-overview-token"],
};

/** The name of an application's first password. */
export const applicationPassword = (application: string): string =>
  `applications-${application}-password`;

/** Which resources hold this secret: the names of their first passwords. */
export function secretsOf(target: string): readonly string[] {
  return isRotationTarget(target) ? resources[target] : [applicationPassword(target)];
}

const nameOf = ({ urn }: StateResource) => urn.slice(urn.lastIndexOf("::") + 2);

const passwordsIn = (state: ExportedState) =>
  resourcesOf(state).filter(({ type }) => type === passwordType);

/**
 * Whether the state has the secret of this number. A rotation that stopped before `up` drew it left only the number in
 * the stack file.
 */
export function isDrawn(state: ExportedState, target: string, rotation: number): boolean {
  const names = new Set(passwordsIn(state).map(nameOf));
  // Not every stack has each of them: pgAdmin may connect as the superuser.
  const own = secretsOf(target).filter((name) => names.has(name));
  return own.every((name) => names.has(generationName(name, rotation)));
}

/** The number of a later password, and the first one's name; undefined for a first one. */
export function generationOf(name: string): { first: string; rotation: number } | undefined {
  const [, first = "", number = ""] = /^(.+)-([1-9]\d*)$/.exec(name) ?? [];
  return first === "" ? undefined : { first, rotation: Number(number) };
}

/**
 * Protected passwords of the target that `up` would delete when the number becomes this one. There are some after a
 * run that failed, and where the number was changed by hand.
 */
export function inTheWay(state: ExportedState, target: string, rotation: number): StateResource[] {
  const own = secretsOf(target);
  return passwordsIn(state).filter((resource) => {
    const known = generationOf(nameOf(resource));
    if (!resource.protect || !known || !own.includes(known.first)) return false;
    return known.rotation < rotation - 1;
  });
}

/** A later password that an error of Pulumi names, with the number that the state has. */
export interface NamedGeneration {
  urn: string;
  target: string;
  rotation: number;
}

/** The protected later passwords whose resources are named in this text. */
export function generationsNamed(text: string, state: ExportedState): NamedGeneration[] {
  return passwordsIn(state).flatMap((resource) => {
    const known = generationOf(nameOf(resource));
    if (!resource.protect || !known || !isNamed(text, resource.urn)) return [];
    const target =
      rotationTargets.find((one) => resources[one].includes(known.first)) ??
      known.first.replace(/^applications-(.+)-password$/, "$1");
    return [{ urn: resource.urn, target, rotation: known.rotation }];
  });
}

/** Whether a text has this URN, and not only a longer one that begins with it. */
export function isNamed(text: string, urn: string): boolean {
  for (let at = text.indexOf(urn); at >= 0; at = text.indexOf(urn, at + 1)) {
    if (!/[\w-]/.test(text.charAt(at + urn.length))) return true;
  }
  return false;
}

/** How often a secret was replaced, as the configuration says it. */
export function rotationOf(rotations: Rotations | undefined, target: string): number {
  return rotations?.[target] ?? 0;
}
