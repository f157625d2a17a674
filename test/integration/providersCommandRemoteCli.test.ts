import type { Props } from "../../scripts/providers/protocol/provider";
import { Lab, type Resource } from "../support/providersCommandLab";
import { Sshd } from "../support/providersCommandSshd";

jest.setTimeout(600_000);

test("a remote command runs, keeps the connection secret, and deletes by the values of the state", async () => {
  const sshd = await Sshd.create();
  const lab = await Lab.create();
  try {
    const log = lab.path("log");
    const resources = (args: Props): Resource[] => [
      {
        type: "remote",
        name: "one",
        args: {
          connection: sshd.login(),
          create: `echo "in: $(cat)" >> ${log}`,
          delete: `echo gone >> ${log}`,
          addPreviousOutputInEnv: false,
          ...args,
        },
      },
    ];
    expect(await lab.up(resources({ stdin: "first" }))).toMatchObject({ code: 0 });
    expect(await lab.preview(resources({ stdin: "first" }))).toEqual([]);
    const elsewhere = { stdin: "first", connection: { ...sshd.login(), dialErrorLimit: 3 } };
    expect(await lab.preview(resources(elsewhere))).toEqual([
      { name: "one", op: "update", diffs: ["connection"] },
    ]);
    expect(await lab.text("log")).toBe("in: first\n");
    const { inputs, outputs } = await lab.state("one");
    for (const props of [inputs, outputs]) expect(props.connection).toHaveProperty("ciphertext");
    expect(await lab.rawState()).not.toContain("PRIVATE KEY");
    const { code, output } = await lab.up(
      resources({ connection: { ...sshd.login(), proxy: { host: "bastion" } } }),
    );
    expect(code).not.toBe(0);
    expect(output).toMatch(/connection\.proxy: .*does not implement this input/);
    expect(output).not.toContain("PRIVATE KEY");
    expect(await lab.destroy()).toMatchObject({ code: 0 });
    expect(await lab.text("log")).toBe("in: first\ngone\n");
  } finally {
    await lab.dispose();
    await sshd.dispose();
  }
});
