import { Lab, type Resource } from "../support/providersCommandLab";

jest.setTimeout(600_000);

// This is how a step repairs drift: the sentence is a variable, set for one run and ignored otherwise.
test("a drift runs the update once, each time that it is seen, and leaves an empty preview", async () => {
  const lab = await Lab.create();
  try {
    const log = lab.path("log");
    const step = (
      environment: object,
      args: Record<string, unknown>,
      ignoreChanges: string[] = [],
    ): Resource[] => [
      {
        type: "local",
        name: "step",
        args: {
          create: `cat >> ${log}; echo token-$$`,
          stdin: { $secret: "apply\n" },
          environment: { PLACE: "here", ...environment },
          ...args,
        },
        opts: { additionalSecretOutputs: ["stdout"], ignoreChanges },
      },
    ];
    const calm = step({}, {}, ["update", "environment.DRIFT"]);
    const update = `cat > /dev/null; echo "repair $PLACE" >> ${log}`;
    const drifted = (seen: string) =>
      step({ DRIFT: `block is missing (seen ${seen})` }, { update });
    expect(await lab.up(calm)).toMatchObject({ code: 0 });
    expect(await lab.preview(drifted("now"))).toEqual([
      { name: "step", op: "update", diffs: ["environment", "update"] },
    ]);
    expect(await lab.up(drifted("now"))).toMatchObject({ code: 0 });
    expect(await lab.preview(calm)).toEqual([]);
    expect(await lab.up(calm)).toMatchObject({ code: 0 });
    expect(await lab.up(drifted("later"))).toMatchObject({ code: 0 });
    expect(await lab.preview(calm)).toEqual([]);
    expect(await lab.text("log")).toBe("apply\nrepair here\nrepair here\n");
    expect((await lab.state("step")).outputs.stdout).toHaveProperty("ciphertext");
  } finally {
    await lab.dispose();
  }
});
