/** A package in an image. */
export interface Component {
  /** Its kind, as package URLs call it. */
  type: "deb" | "npm" | "pypi" | "golang" | "generic";
  namespace?: string;
  name: string;
  version: string;
  qualifiers?: Record<string, string>;
  /** As the package itself says it. */
  license?: string;
}

/** A bill of materials, as CycloneDX 1.5 writes it. The same packages give the same text, so it has no time and no number. */
export function bom(
  image: { name: string; version: string; revision: string | undefined },
  components: readonly Component[],
): object {
  const { name, version, revision } = image;
  const properties = revision ? { properties: [{ name: "revision", value: revision }] } : {};
  const byUrl = new Map(components.map((one) => [packageUrl(one), one]));
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: { component: { type: "container", name, version, ...properties } },
    components: [...byUrl]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([purl, one]) => ({
        ...{ type: "library", "bom-ref": purl, purl },
        ...{ name: one.name, version: one.version },
        ...(one.namespace ? { group: one.namespace } : {}),
        ...(one.license ? { licenses: [{ license: { name: one.license } }] } : {}),
      })),
  };
}

/** https://github.com/package-url/purl-spec */
export function packageUrl({ type, namespace, name, version, qualifiers = {} }: Component): string {
  const encoded = (word: string) => encodeURIComponent(word).replace(/%3A/g, ":");
  const path = [...(namespace ? namespace.split("/") : []), name].map(encoded).join("/");
  const words = Object.entries(qualifiers)
    .sort()
    .map(([key, value]) => `${key}=${encoded(value)}`);
  return `pkg:${type}/${path}@${encoded(version)}${words.length > 0 ? `?${words.join("&")}` : ""}`;
}
