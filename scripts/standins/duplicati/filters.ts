import type { Filter } from "./shapes";

/**
 * Whether a path is stored. The first matching filter decides. A path that matches none is stored,
 * unless all filters are includes. A folder's path ends with a slash; an excluded folder is not entered.
 */
export function stored(path: string, filters: readonly Filter[]): boolean {
  const first = filters.find(({ Expression }) => pattern(Expression).test(path));
  if (first) return first.Include;
  return path.endsWith("/") || filters.length === 0 || filters.some(({ Include }) => !Include);
}

/** `[…]` is a regular expression; otherwise * matches any text and ? any character. */
function pattern(expression: string): RegExp {
  const regular = /^\[(.*)\]$/.exec(expression)?.[1];
  if (regular !== undefined) return new RegExp(`^(?:${regular})$`);
  const literal = expression.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${literal.replace(/\*/g, ".*").replace(/\?/g, ".")}$`, "s");
}
