import { imagesSchema } from "../../../components/images/schema";

/**
 * Where images go, by the rules of `laterbase:images`: a stack has to be able to name them.
 *
 * @param prefix what the tag has to begin with, by `tagPrefix`
 */
export function place(
  registry: string | undefined,
  tag: string | undefined,
  prefix = "",
): { registry: string; tag: string } {
  const parsed = imagesSchema.safeParse({ registry, tag });
  if (parsed.success && !parsed.data.tag.startsWith(prefix))
    throw new Error(
      `LATERBASE_TAG must begin with ${prefix}, because this pipeline is not one of a protected branch or tag; it is ${JSON.stringify(parsed.data.tag)}.`,
    );
  if (parsed.success) return parsed.data;
  const [{ path: [key], message } = { path: [], message: "" }] = parsed.error.issues;
  const [name, value] =
    key === "registry" ? ["LATERBASE_REGISTRY", registry] : ["LATERBASE_TAG", tag];
  throw new Error(`${name} ${message}; it is ${JSON.stringify(value ?? "")}.`);
}
