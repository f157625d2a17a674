/** What the environment says about the keys of a stack file. It holds no value. */
export function stackFileKeys() {
  return {
    // Of our wrapper, scripts/setup/setup.sh.
    plainKeys: process.env["LATERBASE_PLAIN_KEYS"],
    // Of Pulumi.
    secretKeys: process.env["PULUMI_CONFIG_SECRET_KEYS"],
  };
}

/** What sentences call the file of dev: set-up merges values of the user's own into it. Undefined without set-up. */
export function nameOfDevFile(): string | undefined {
  return process.env["LATERBASE_STACK_FILE_NAME"];
}
