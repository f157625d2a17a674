import type * as pulumi from "@pulumi/pulumi";
import type { Laterbase } from "../../../components";
import type { StackOutputs } from "../../../contract/stackOutputs";

/** The program's outputs after Pulumi has resolved them. */
type Declared = pulumi.Unwrap<Pick<Laterbase, keyof StackOutputs>>;

it("are what the program declares and what the operator's command reads", () => {
  // `npm run check` proves it: the compiler refuses this function when the two types differ.
  const read = (declared: Declared): StackOutputs => declared;
  const declared = { standbys: {} } as Declared;
  expect(read(declared)).toBe(declared);
});
