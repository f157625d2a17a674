import { withValues } from "../../../../scripts/wrapper/adopt/patchState";

const secret = (text: string) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(text),
});
const resource = (type: string, name: string, outputs: Record<string, unknown>) => ({
  urn: `urn:pulumi:dev::laterbase::laterbase:index:X$${type}::${name}`,
  type,
  id: "none",
  outputs,
});
const password = "random:index/randomPassword:RandomPassword";
const number = "random:index/randomId:RandomId";

it("puts a value that was found again in place of the one that was drawn", () => {
  const key = resource(password, "agent-manifest-key", { length: 32, result: secret("drawn") });
  const other = resource(password, "primary-superuser", {
    length: 32,
    result: secret("drawn too"),
  });
  const state = { version: 3, deployment: { manifest: {}, resources: [key, other] } };
  expect(withValues(state, { "agent-manifest-key": 'of "before"' }, {})).toEqual({
    version: 3,
    deployment: {
      manifest: {},
      resources: [{ ...key, outputs: { length: 32, result: secret('of "before"') } }, other],
    },
  });
});

it("writes every form of an owner's number that the state has", () => {
  const outputs = { byteLength: 4, id: "x", hex: "x", b64Url: "x", b64Std: "x", dec: "x" };
  const owner = resource(number, "preparation-owner", outputs);
  const salt = resource(number, "preparation-salt", outputs);
  const patched = withValues(
    { deployment: { resources: [owner, salt] } },
    {},
    { "preparation-owner": "fbff0001" },
  );
  expect(patched.deployment.resources).toEqual([
    {
      ...owner,
      id: "-_8AAQ",
      outputs: {
        byteLength: 4,
        ...{
          id: "-_8AAQ",
          hex: "fbff0001",
          b64Url: "-_8AAQ",
          b64Std: "+/8AAQ==",
          dec: "4227792897",
        },
      },
    },
    salt,
  ]);
});
