import type * as pulumi from "@pulumi/pulumi";
import older from "../../support/olderStacks.json";
import { type Made, promiseOf } from "../../support/mocks";
import { declared } from "../../support/stackProgram";

/*
 * olderStacks.json lists what commit 2c41f5a declares: a URN, whether it is protected, and the inputs
 * of volumes and random values, whose change replaces them. What this does not prove: that the engine
 * takes an alias as it is computed here, and that the commands of an old state still run.
 */

interface Known {
  urn: string;
  aliases: string[];
  /** Protection and inputs, as the fixture writes them. */
  kept: string;
}

/** The types from the stack down to a resource, as a URN has them. */
function typesOf(resource: pulumi.Resource | undefined): string[] {
  const { __pulumiType: type, __parentResource: parent } = (resource ?? {}) as {
    __pulumiType?: string;
    __parentResource?: pulumi.Resource;
  };
  return type === undefined || type === "pulumi:pulumi:Stack" ? [] : [...typesOf(parent), type];
}

async function known(stack: string, { type, name, inputs, opts }: Made): Promise<Known> {
  const urnIn = (types: string[]) =>
    `urn:pulumi:${stack}::laterbase::${[...types, type].join("$")}::${name}`;
  const aliases = await Promise.all(
    ((opts.aliases ?? []) as pulumi.Alias[]).map(async ({ parent }) => {
      const types = (await promiseOf(parent as pulumi.Output<string>)).split("::")[2];
      return urnIn([types!]);
    }),
  );
  const fixed = /:Volume$|^random:/.test(type)
    ? Object.entries(inputs).filter(([key]) => key !== "labels")
    : [];
  const values = fixed.map(([key, value]) => `${key}=${String(value)}`);
  const kept = [...(opts.protect ? ["protected"] : []), ...values].join(" ");
  return { urn: urnIn(typesOf(opts.parent)), aliases, kept };
}

const split = (line: string) => {
  const [urn = "", ...rest] = line.split(" ");
  return { urn, kept: rest.join(" ") };
};

describe.each(["dev", "editor"] as const)("a stack %s that commit 2c41f5a made", (name) => {
  let now: Known[];
  beforeAll(async () => {
    const made = await declared(name, () => undefined);
    now = await Promise.all(made.map((one) => known(name, one)));
  });

  it("keeps every resource, by its URN or by an alias", () => {
    const urns = new Set(now.flatMap(({ urn, aliases }) => [urn, ...aliases]));
    expect(older[name].map(split).filter(({ urn }) => !urns.has(urn))).toEqual([]);
  });

  it("keeps protection, volumes and random values as they are", () => {
    const changed = older[name].map(split).flatMap(({ urn, kept }) => {
      const same = now.find((one) => one.urn === urn || one.aliases.includes(urn));
      return same?.kept === kept ? [] : [`${urn}: ${kept} is now ${same?.kept}`];
    });
    expect(changed).toEqual([]);
  });

  it("needs each of the aliases", () => {
    const urns = new Set(now.map(({ urn }) => urn));
    const moved = older[name].map(split).filter(({ urn }) => !urns.has(urn));
    expect(moved.map(({ urn }) => urn.split("::").at(-1))).toEqual(
      name === "dev"
        ? ["primary-login", "pooler-configuration", "duplicati-job"]
        : [
            ...["preflight", "order", "role", "cap", "hba", "slot-standby", "probe-standby"].map(
              (step) => `preparation-${step}`,
            ),
            "duplicati-job",
          ],
    );
  });
});
