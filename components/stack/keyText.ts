/** A path as `pulumi config set --path` takes it, inside single quotes of a shell. */
export function keyText([top, ...rest]: readonly (string | number)[]): string {
  const parts = rest.map((part) => {
    if (typeof part === "number") return `[${part}]`;
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(part)) return `.${part}`;
    return `["${part.replace(/["\\]/g, "\\$&").replace(/'/g, "'\\''")}"]`;
  });
  return `laterbase:${top}${parts.join("")}`;
}
