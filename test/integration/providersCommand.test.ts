import { Lab, type Resource } from "../support/providersCommandLab";

jest.setTimeout(600_000);

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.create();
});

afterEach(() => lab.dispose());

function local(args: Record<string, unknown>, opts?: Record<string, unknown>): Resource[] {
  return [{ type: "local", name: "one", args, opts }];
}

describe("command.local.Command through the CLI", () => {
  test("creates, updates, runs create again without update, and deletes with the old values", async () => {
    const log = lab.path("log");
    const args = {
      create: `echo create $WHO >> ${log}; echo out-$WHO`,
      delete: `echo delete $WHO $PULUMI_COMMAND_STDOUT >> ${log}`,
      environment: { WHO: "first" },
    };
    expect(await lab.preview(local(args))).toMatchObject([{ name: "one", op: "create" }]);
    expect(await lab.text("log")).toBe("");
    expect(await lab.up(local(args))).toMatchObject({ code: 0 });
    const { id } = await lab.state("one");
    expect(id).toMatch(/^one[0-9a-f]{8}$/);
    expect(await lab.preview(local(args))).toEqual([]);

    const second = { ...args, environment: { WHO: "second" } };
    expect(await lab.preview(local(second))).toEqual([
      { name: "one", op: "update", diffs: ["environment"] },
    ]);
    expect(await lab.text("log")).toBe("create first\n");
    await lab.up(local(second));
    await lab.up(local({ ...second, update: `echo update $PULUMI_COMMAND_STDOUT >> ${log}` }));
    expect((await lab.state("one")).id).toBe(id);
    expect(await lab.destroy()).toMatchObject({ code: 0 });
    expect(await lab.text("log")).toBe(
      "create first\ncreate second\nupdate out-second\ndelete second\n",
    );
  });

  test("a trigger replaces: the new create runs before the old delete, or after it on request", async () => {
    const log = lab.path("log");
    const args = (who: string) => ({
      create: `echo create ${who} >> ${log}`,
      delete: `echo delete ${who} >> ${log}`,
      triggers: [who],
    });
    await lab.up(local(args("a")));
    expect(await lab.preview(local(args("b")))).toEqual([
      { name: "one", op: "replace", diffs: ["create", "delete", "triggers"] },
    ]);
    await lab.up(local(args("b")));
    await lab.up(local(args("c"), { deleteBeforeReplace: true }));
    expect(await lab.text("log")).toBe("create a\ncreate b\ndelete a\ndelete b\ncreate c\n");
  });

  test("a failure shows command and output, never the input, and leaves no resource", async () => {
    const { code, output } = await lab.up(
      local({
        create: 'cat > /dev/null; echo to "out"; echo to err >&2; exit 7',
        stdin: "never to be seen",
      }),
    );
    expect(code).not.toBe(0);
    expect(output).toContain(
      'exit status 7: running "cat > /dev/null; echo to \\"out\\"; echo to err >&2; exit 7":',
    );
    expect(output).toMatch(/^ +to out\n +to err$/m);
    expect(output).not.toContain("never to be seen");
    await expect(lab.state("one")).rejects.toThrow("no one in the state");
  });

  test("secrets stay encrypted; output is not secret by itself", async () => {
    const { output } = await lab.up(
      local({
        create: "wc -c; echo plain; printenv TOKEN | wc -c",
        stdin: { $secret: "stdin-secret-4711" },
        environment: { TOKEN: { $secret: "env-secret-4712" } },
        delete: "cat > /dev/null",
      }),
    );
    const { outputs } = await lab.state("one");
    expect(outputs.stdout).toBe("17\nplain\n16");
    expect(outputs.stdin).toHaveProperty("ciphertext");
    expect(outputs.environment).toHaveProperty("TOKEN.ciphertext");
    const raw = await lab.rawState();
    expect(raw).toContain("plain");
    for (const text of [raw, output]) expect(text).not.toMatch(/(stdin|env)-secret-471/);
    await lab.destroy();
  });

  test("logging chooses the lines that are shown; outputs lose one line end", async () => {
    const shown = async (logging?: string) =>
      (await lab.up(local({ create: "echo L1NE; echo L2NE >&2; echo", logging }))).output;
    expect(await shown()).toMatch(/L1NE[^]*L2NE|L2NE[^]*L1NE/);
    expect(await shown("stdout")).toContain("L1NE");
    const quiet = await shown("none");
    expect(quiet).not.toMatch(/L[12]NE/);
    const { outputs } = await lab.state("one");
    expect(outputs).toMatchObject({ stdout: "L1NE\n", stderr: "L2NE" });
  });

  test("an input that is not implemented is refused by name", async () => {
    const { code, output } = await lab.up(local({ create: "true", assetPaths: ["*"] }));
    expect(code).not.toBe(0);
    expect(output).toMatch(/assetPaths: .*does not implement this input/);
  });
});

describe("random through the CLI", () => {
  test("values are secret where they should be, stay, and change with the keepers", async () => {
    const resources = (keeper: string): Resource[] => [
      { type: "RandomPassword", name: "pw", args: { length: 20, keepers: { keeper } } },
      { type: "RandomId", name: "id", args: { byteLength: 4, prefix: "x-", keepers: { keeper } } },
    ];
    await lab.up(resources("a"));
    const before = await lab.state("id");
    expect((await lab.state("pw")).outputs.result).toHaveProperty("ciphertext");
    expect(before.outputs.hex).toMatch(/^x-[0-9a-f]{8}$/);
    expect(await lab.preview(resources("a"), "--refresh")).toEqual([]);
    await lab.up(resources("b"));
    expect((await lab.state("id")).outputs.hex).not.toBe(before.outputs.hex);
    expect(await lab.destroy()).toMatchObject({ code: 0 });
  });
});
