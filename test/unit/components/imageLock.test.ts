import * as pulumi from "@pulumi/pulumi";
import { serviceImage } from "../../../components/kit/serviceImage";
import { named, promiseOf, render } from "../../support/mocks";
import { testStack } from "../../support/testStack";

/** The image of pgAdmin, pulled or built. What this does not prove: what an engine has. */
async function image(source: Parameters<typeof serviceImage>[0]["source"]) {
  let reference: pulumi.Output<string> | undefined;
  const made = await render(() => {
    const parent = new pulumi.ComponentResource("laterbase:index:Laterbase", "laterbase");
    const stack = { ...testStack({ parent }), stack: "prod" };
    reference = serviceImage({ name: "pgadmin", role: "pgadmin", source, stack }, parent);
  });
  return { made, reference: await promiseOf(reference!) };
}

it("of a pulled image has its record in the state, and containers run what is recorded", async () => {
  const { made, reference } = await image({ pulled: "dpage/pgadmin4:9.17" });
  expect(named(made, "pgadmin-image").inputs).toEqual({
    name: "dpage/pgadmin4:9.17",
    keepLocally: true,
  });
  const { inputs } = named(made, "pgadmin-image-lock");
  expect(inputs).toMatchObject({
    create: "node --require tsx/cjs scripts/steps/imageLock.ts pgadmin dpage/pgadmin4:9.17 prod",
    addPreviousOutputInEnv: true,
  });
  expect(Object.keys(inputs["environment"])).toContain("LATERBASE_ENGINE");
  expect(inputs["delete"]).toBeUndefined();
  expect(reference).toBe("stdout-of-pgadmin-image-lock");
});

it("of an image that is built is its tag, which is a hash", async () => {
  const build = { tag: "laterbase/pgadmin:9.17-abc", context: ".laterbase/pgadmin", buildArgs: {} };
  const { made, reference } = await image(build);
  expect(made.map(({ name }) => name)).not.toContain("pgadmin-image-lock");
  expect(reference).toBe("laterbase/pgadmin:9.17-abc");
});
