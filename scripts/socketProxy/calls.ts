/** A call of the engine that can be allowed. `version` is the start of its path, or nothing. */
export type Call =
  | { kind: "create"; version: string; container: string }
  | { kind: "start"; version: string; id: string }
  | { kind: "inspect"; version: string; id: string }
  | { kind: "ping" };

const shapes: { method: string; kind: Call["kind"]; path: RegExp }[] = [
  { method: "POST", kind: "create", path: /^(\/v1\.[0-9]{1,3})?\/containers\/([\w.-]+)\/exec$/ },
  { method: "POST", kind: "start", path: /^(\/v1\.[0-9]{1,3})?\/exec\/([0-9a-f]{64})\/start$/ },
  { method: "GET", kind: "inspect", path: /^(\/v1\.[0-9]{1,3})?\/exec\/([0-9a-f]{64})\/json$/ },
  { method: "GET", kind: "ping", path: /^\/_ping$/ },
  { method: "HEAD", kind: "ping", path: /^\/_ping$/ },
];

/**
 * The call that a request is, or undefined for any other. The target is compared as it came: nothing
 * is decoded, so a target that the engine could read in another way is no call.
 */
export function callOf(method: string, target: string): Call | undefined {
  for (const shape of shapes) {
    const found = shape.method === method ? shape.path.exec(target) : null;
    if (!found) continue;
    const [, version = "", what = ""] = found;
    if (shape.kind === "ping") return { kind: "ping" };
    if (shape.kind === "create") return { kind: "create", version, container: what };
    return { kind: shape.kind, version, id: what };
  }
  return undefined;
}
