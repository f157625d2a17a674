import type * as pulumi from "@pulumi/pulumi";
import { stackPrefix } from "../../contract/names";
import type { StackContext } from "../../components/kit/context";
import { makeEngine } from "../../components/kit/engine";

export const postgresSource = {
  tag: "laterbase/postgres:17-abc",
  context: "images/postgres",
  buildArgs: {},
};

/** The context of a stack, by default dev on the local engine. Only inside `render`. */
export function testStack({
  host,
  parent,
  ...change
}: Partial<Omit<StackContext, "engine">> & {
  host?: string | undefined;
  parent?: pulumi.Resource;
} = {}): StackContext {
  const names = { project: "laterbase", stack: "dev", ...change };
  const prefix = change.prefix ?? stackPrefix(names.project, names.stack);
  const place = { prefix, stack: names.stack, image: postgresSource, ...(host ? { host } : {}) };
  const engine = makeEngine("local", place, parent as pulumi.Resource);
  return { timeZone: "Europe/London", bindAddress: "127.0.0.1", ...names, prefix, engine };
}
