import { passwordIn } from "../../../scripts/cli/stack/superuser";

const urn = (name: string) => `urn:pulumi:dev::laterbase::t$${name}::${name}`;
const step = (name: string, stdin: unknown) => ({
  urn: urn(name),
  type: "command:local:Command",
  inputs: { stdin },
});
/** A secret in an exported state, in clear. */
const secret = (value: string) => ({ plaintext: JSON.stringify(value) });
const stateOf = (...resources: ReturnType<typeof step>[]) => ({ deployment: { resources } });

it("finds the superuser's password in what the step that sets it got", () => {
  const password = `sup:er\\se'cret "ü$x/@%`;
  const found = passwordIn(
    stateOf(
      step("preparation-role", secret("#!/bin/bash")),
      step("primary-login", secret(JSON.stringify({ password, pooler: { userlist: "" } }))),
    ),
  );
  expect(found).toBe(password);
});

it("finds none before the first up, or while the secrets are encrypted", () => {
  expect(passwordIn({ deployment: {} })).toBeUndefined();
  expect(passwordIn(stateOf(step("preparation-role", secret("{}"))))).toBeUndefined();
  expect(passwordIn(stateOf(step("primary-login", { ciphertext: "v1:x" })))).toBeUndefined();
});
