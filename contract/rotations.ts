/** The secrets that `laterbase rotate` replaces, besides the passwords of applications. */
export const rotationTargets = [
  "superuser",
  "replication",
  "dumps",
  "pooler",
  "pgadmin",
  "duplicati",
  "objectStore",
  "health",
] as const;

/** One of them. */
export type RotationTarget = (typeof rotationTargets)[number];

/** Whether it is the name of a secret that is no application's. */
export function isRotationTarget(name: string): name is RotationTarget {
  return (rotationTargets as readonly string[]).includes(name);
}

/** How often each secret was replaced, as `laterbase:rotations` of the stack file has it. */
export type Rotations = Readonly<Record<string, number>>;

/** The greatest counter. Each number is a resource's name, and nobody rotates a secret that often. */
export const mostRotations = 9999;

/** The resource that holds a secret after so many replacements. The first one has the plain name. */
export function generationName(name: string, rotation: number): string {
  return rotation === 0 ? name : `${name}-${rotation}`;
}
