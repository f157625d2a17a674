/** What Pulumi and our provider add to a sentence of ours. It says nothing more to a person. */
const added = [
  /^(?:error: )?(?:update|preview|destroy) failed$/,
  /^(?:error: )?exit status \d+: running ".*":$/,
];

/** The lines of errors that a person needs. All of them where nothing else was said. */
export function plainErrors(errors: readonly string[]): string[] {
  const lines = errors.flatMap((error) => error.split("\n")).map((line) => line.trimEnd());
  const said = lines.filter((line) => line !== "" && !added.some((one) => one.test(line)));
  return said.length > 0 ? said : lines.filter(Boolean);
}
