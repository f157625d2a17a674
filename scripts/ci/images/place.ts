import { imagesSchema } from "../../../components/images/schema";

/** Where images go, by the rules of `laterbase:images`: a stack has to be able to name them. */
export function place(
  registry: string | undefined,
  tag: string | undefined,
): { registry: string; tag: string } {
  const parsed = imagesSchema.safeParse({ registry, tag });
  if (parsed.success) return parsed.data;
  const [{ path: [key], message } = { path: [], message: "" }] = parsed.error.issues;
  const [name, value] =
    key === "registry" ? ["LATERBASE_REGISTRY", registry] : ["LATERBASE_TAG", tag];
  throw new Error(`${name} ${message}; it is ${JSON.stringify(value ?? "")}.`);
}
