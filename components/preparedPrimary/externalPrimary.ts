import * as pulumi from "@pulumi/pulumi";

/**
 * The parent of the steps on an external primary. Those on a managed one are children of `PreparedPrimary`: so
 * a change of `primary.kind` makes other resources. The steps prepare the new primary, and those on an external
 * one that the stack leaves are undone there. In place, they would stay there for ever and keep WAL.
 */
class ExternalPrimary extends pulumi.ComponentResource {
  constructor(name: string, opts: pulumi.ComponentResourceOptions) {
    super("laterbase:index:ExternalPrimary", name, {}, opts);
  }

  /** Called when every step is declared. */
  complete(): void {
    this.registerOutputs({});
  }
}

/** What the steps on a primary are created with. `complete` is called when every step is declared. */
export function placeOfSteps(
  name: string,
  managed: boolean,
  parent: pulumi.Resource,
): { options: pulumi.CustomResourceOptions; complete: () => void } {
  if (managed) return { options: { parent }, complete: () => undefined };
  const external = new ExternalPrimary(name, { parent });
  // Earlier releases had the steps of both kinds in the same place.
  return {
    options: { parent: external, aliases: [{ parent: parent.urn }] },
    complete: () => external.complete(),
  };
}
