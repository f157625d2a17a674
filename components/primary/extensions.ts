import type { ExtensionsInput } from "../../contract/extensions";
import type * as pulumi from "@pulumi/pulumi";
import type { StackContext } from "../kit/context";
import { ignoredSentence } from "../kit/drift";
import { localProgram } from "../kit/localProgram";

interface ExtensionsArgs {
  /** The stack, with the primary's engine. */
  stack: StackContext;
  /** The primary's container. */
  containerName: string;
  /** The same. A new one may have another image. */
  container: pulumi.CustomResource;
  /** `extensions`. */
  names: readonly string[];
  /** The databases that the configuration names. */
  databases: readonly string[];
  /** A sentence about a database that is made again: it gets its extensions. Default: none is. */
  drift?: string | undefined;
  /** What has to be there before: an answering server, and the databases. */
  after: readonly pulumi.Resource[];
}

/** Creates in each database the extensions that only a superuser may create. None is ever dropped. */
export function createExtensions(
  name: string,
  { stack, containerName, container, names, databases, drift, after }: ExtensionsArgs,
  parent: pulumi.Resource,
): void {
  const stdin = container.id.apply((id) => {
    const input: ExtensionsInput = { id, names, databases };
    return JSON.stringify(input);
  });
  const place = { program: "extensions", words: [containerName], engine: stack.engine };
  localProgram(
    name,
    { ...place, stdin, triggers: [], drift },
    { parent, dependsOn: [...after], ignoreChanges: ignoredSentence(drift) },
  );
}
