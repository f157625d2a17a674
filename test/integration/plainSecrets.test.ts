import { Stack } from "../support/stack";

// A password in plain text, in previews of the real program. They change nothing.
jest.setTimeout(600_000);

const stack = new Stack(`plain-${process.pid}`);
const password = "of-the-superuser";
const config = {
  primary: { kind: "managed", version: 17, port: 18996, databases: ["app"] },
  standbys: [{ name: "standby", port: 18997 }],
};
const withPassword = {
  ...config,
  primary: { ...config.primary, superuser: { password } },
};
const warning = `warning: laterbase:primary.superuser.password is a secret, but it is plain text in Pulumi.${stack.name}.yaml.`;
const command = `npm run pulumi -- config set --secret --path 'laterbase:primary.superuser.password' --stack ${stack.name}`;

async function previewed(plainKeys?: unknown): Promise<string> {
  const env = { LATERBASE_PLAIN_KEYS: plainKeys ? JSON.stringify(plainKeys) : "" };
  const { code, stdout, stderr } = await stack.pulumi(["preview"], { env });
  expect([code, stdout + stderr]).toEqual([0, expect.not.stringContaining(password)]);
  return stdout;
}

afterAll(() => stack.remove(), 600_000);

it("is a warning with the command that encrypts it, which the command ends", async () => {
  await stack.configure(withPassword);
  const before = await previewed();
  expect(before).toContain(warning);
  expect(before).toContain(command);
  await stack.configure(config, { "primary.superuser.password": password });
  expect(await previewed()).not.toContain("plain text");
});

it("is one beside an encrypted secret too, where our wrapper has read the stack file", async () => {
  expect(await previewed([["primary", "superuser", "password"]])).toContain(warning);
  expect(await previewed([["primary", "port"]])).not.toContain("plain text");
});
