import type { Rescued } from "./rescue";

/** How Pulumi marks a secret in the output of `pulumi stack export --show-secrets`. */
const signature = "4dabf18193072939515e22adb298388d";
const secretMark = "1b47061264138c4ac30d75fd1eb44270";

interface Resource {
  urn: string;
  type: string;
  id?: string;
  outputs?: Record<string, unknown>;
}

interface Clear {
  deployment: { resources?: Resource[] };
}

/**
 * The state with these values in place of those that its random resources drew. Nothing else changes, so the
 * next run sees no difference in them.
 *
 * @param state what `pulumi stack export --show-secrets` prints
 * @param passwords by the name of a RandomPassword
 * @param ids by the name of a RandomId: its bytes as hexadecimal digits
 */
export function withValues<State extends Clear>(
  state: State,
  passwords: Rescued,
  ids: Rescued,
): State {
  const resources = (state.deployment.resources ?? []).map((resource) => {
    const name = resource.urn.slice(resource.urn.lastIndexOf("::") + 2);
    const password = passwords[name];
    if (resource.type === "random:index/randomPassword:RandomPassword" && password !== undefined) {
      return { ...resource, outputs: { ...resource.outputs, result: secret(password) } };
    }
    const hex = ids[name];
    if (resource.type === "random:index/randomId:RandomId" && hex !== undefined) {
      return withId(resource, hex);
    }
    return resource;
  });
  return { ...state, deployment: { ...state.deployment, resources } };
}

const secret = (text: string) => ({ [signature]: secretMark, plaintext: JSON.stringify(text) });

function withId(resource: Resource, hex: string): Resource {
  const bytes = Buffer.from(hex, "hex");
  const id = bytes.toString("base64url");
  const forms = {
    id,
    hex,
    b64Url: id,
    b64Std: bytes.toString("base64"),
    dec: BigInt(`0x${hex}`).toString(),
  };
  const known = Object.entries(resource.outputs ?? {}).map(([key, value]) => [
    key,
    forms[key as keyof typeof forms] ?? value,
  ]);
  return { ...resource, id, outputs: Object.fromEntries(known) as Record<string, unknown> };
}
