import { Lab, type Resource } from "../support/providersCommandLab";

jest.setTimeout(120_000);

// This is how a step of the primary repairs drift: `update` is set for one run, and ignored otherwise.
test("an update that is set once runs once, and leaves an empty preview", async () => {
  const lab = await Lab.create();
  try {
    const log = lab.path("log");
    const step = (args: Record<string, unknown>, opts: Record<string, unknown>): Resource[] => [
      {
        type: "local",
        name: "step",
        args: { create: `cat >> ${log}; echo token-$$`, stdin: { $secret: "apply\n" }, ...args },
        opts: { additionalSecretOutputs: ["stdout"], ...opts },
      },
    ];
    const calm = step({}, { ignoreChanges: ["update"] });
    const drifted = step({ update: `cat > /dev/null; echo mend >> ${log} # block is missing` }, {});
    expect(await lab.up(calm)).toMatchObject({ code: 0 });
    expect(await lab.preview(drifted)).toEqual([{ name: "step", op: "update", diffs: ["update"] }]);
    expect(await lab.up(drifted)).toMatchObject({ code: 0 });
    expect(await lab.preview(calm)).toEqual([]);
    expect(await lab.up(calm)).toMatchObject({ code: 0 });
    expect(await lab.text("log")).toBe("apply\nmend\n");
    expect((await lab.state("step")).outputs.stdout).toHaveProperty("ciphertext");
  } finally {
    await lab.dispose();
  }
});
