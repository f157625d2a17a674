/** What the environment says about the keys of a stack file. It holds no value. */
export function stackFileKeys() {
  return {
    // Of our wrapper, scripts/setup/setup.sh.
    plainKeys: process.env["LATERBASE_PLAIN_KEYS"],
    // Of Pulumi.
    secretKeys: process.env["PULUMI_CONFIG_SECRET_KEYS"],
  };
}
