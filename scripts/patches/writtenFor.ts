/**
 * Whether the installed library is the one that a patch was written for. For another one the patch
 * is left out, which costs time and nothing else; a line says so.
 */
export function isWrittenFor(library: string, version: string): boolean {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- read where the patch is applied
  const installed = (require(`${library}/package.json`) as { version: string }).version;
  if (installed === version) return true;
  console.warn(
    `Laterbase patches ${library} ${version} to save time; ${installed} is installed and stays unpatched.`,
  );
  return false;
}
