import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { parse } from "yaml";
import { main } from "../../../scripts/cli/main";
import type { Connections } from "../../../scripts/cli/session";
import { FakePulumi } from "../../support/fakePulumi";

// A Pulumi CLI that has no stack yet, makes one, and "encrypts".
const works = `case "$1 $2" in
  "whoami --json") echo '{"url":"file://~"}' ;;
  "stack export") exit 6 ;;
  "stack init") printf 'encryptionsalt: v1:salt=\\n' >"Pulumi.$3.yaml" ;;
  "config set")
    note
    printf 'config:\\n  %s:\\n    secure: v1:hidden\\n' "$4" >>"Pulumi.$6.yaml" ;;
  "login --local") mkdir -p "$PULUMI_CREDENTIALS_PATH"; echo '{"current":"file://~"}' >"$PULUMI_CREDENTIALS_PATH/credentials.json" ;;
esac`;

let pulumi: FakePulumi;
beforeEach(() => {
  pulumi = new FakePulumi();
  pulumi.does(works);
});
afterEach(() => pulumi.remove());

async function run(words: string[], typed?: string[]) {
  const printed: string[] = [];
  const said: string[] = [];
  const questions: string[] = [];
  const ask = (question: string) => {
    questions.push(question);
    const next = typed?.shift();
    return next === undefined ? Promise.reject(new Error("asked too much")) : Promise.resolve(next);
  };
  const connections = {
    terminal: {
      print: (text: string) => printed.push(text),
      progress: (line: string) => said.push(line),
      ...(typed ? { ask, askSecret: ask } : {}),
    },
  } as unknown as Connections;
  const err = jest.spyOn(process.stderr, "write").mockImplementation(() => true);
  const code = await main(["new", ...words], connections).finally(() => err.mockRestore());
  return { code, printed: printed.join("\n"), said: said.join("\n"), questions };
}

const before = process.stdin;
afterEach(() => Object.defineProperty(process, "stdin", { value: before }));
/** What the command reads on standard input. */
function stdin(text: string): void {
  Object.defineProperty(process, "stdin", { value: Readable.from([text]), configurable: true });
}

const read = () => readFileSync("Pulumi.studio.yaml", "utf8");

describe("a stack from an example", () => {
  it("of a managed primary asks nothing", async () => {
    pulumi.logIn();
    const { code, printed } = await run(["studio", "--from", "examples/hot-hot", "--json"]);
    expect(code).toBe(0);
    const passphraseFile = join(pulumi.folder, "data/laterbase/passphrases/studio");
    expect(JSON.parse(printed)).toEqual({
      stack: "studio",
      file: "Pulumi.studio.yaml",
      backend: "file://~",
      passphraseFile,
      notes: [],
    });
    expect(statSync(passphraseFile).mode & 0o777).toBe(0o600);
    const example = parse(readFileSync("examples/hot-hot/Pulumi.hot-hot.yaml", "utf8"));
    expect(parse(read())).toEqual({ ...example, encryptionsalt: "v1:salt=" });
    // What the example explains stays.
    expect(read()).toContain("# Every night, and once at the first start.");
    expect(read().split("\n").slice(0, 4)).toEqual([
      "# yaml-language-server: $schema=./docs/stack.schema.json",
      "# The stack studio, made from examples/hot-hot. docs/configuration.md has every key.",
      "",
      "config:",
    ]);
  });

  it("of an external one asks what only its owner knows, and no more", async () => {
    const answers = ["y", "192.168.1.20", "Ads 24, Films", "", "s3cret $x"];
    const { code, questions, printed } = await run(["studio", "--from", "editor"], answers);
    expect([code, questions.map((one) => one.slice(0, 21))]).toEqual([
      0,
      [
        "Pulumi has no place f",
        "The address or name o",
        "Its databases, with c",
        "Your e-mail address, ",
        "The superuser's passw",
      ],
    ]);
    expect(questions[2]).toBe("Its databases, with commas between them [ResolveProjects]: ");
    const { config } = parse(read());
    expect(config["laterbase:primary"]).toMatchObject({
      host: "192.168.1.20",
      databases: ["Ads 24", "Films"],
      superuser: { name: "postgres", password: { secure: "v1:hidden" } },
    });
    expect(pulumi.calls()).toEqual([
      "login --local",
      "stack export --stack studio",
      "whoami --json",
      "stack init studio --no-select",
      "config set --secret laterbase:secret0 --stack studio",
      "< s3cret $x",
    ]);
    expect(read() + printed).not.toContain("s3cret");
    expect(printed).toContain("npm run laterbase -- preflight --stack studio");
  });

  it("asks again for what cannot be used", async () => {
    pulumi.logIn();
    const answers = ["my mac", "192.168.1.20", "", "", "", "pw"];
    const { code, said } = await run(["studio", "--from", "editor"], answers);
    expect([code, said]).toEqual([0, expect.stringContaining("laterbase:primary.host")]);
    expect(parse(read()).config["laterbase:primary"].host).toBe("192.168.1.20");
  });

  it("needs no terminal", async () => {
    const words = ["studio", "--from", "editor", "--host", "nas", "--password-stdin", "--local"];
    stdin("of the server\n");
    const more = ["--databases", "a,b", "--allow-from", "10.0.0.0/8,10.1.0.0/16", "--major", "15"];
    expect((await run([...words, ...more])).code).toBe(0);
    expect(parse(read()).config["laterbase:primary"]).toMatchObject({
      ...{ host: "nas", databases: ["a", "b"], version: 15 },
      allowFrom: ["10.0.0.0/8", "10.1.0.0/16"],
    });
  });

  it("uses a passphrase that is there", async () => {
    pulumi.logIn();
    process.env["PULUMI_CONFIG_PASSPHRASE"] = "mine";
    const { printed } = await run(["studio", "--from", "hot-hot", "--json"]);
    expect(JSON.parse(printed)).not.toHaveProperty("passphraseFile");
    expect(existsSync("data")).toBe(false);
  });
});

describe("refused, and nothing is made", () => {
  const files = () => readdirSync(".").filter((name) => name.startsWith("Pulumi."));
  const untouched = ["Pulumi.prod.yaml", "Pulumi.yaml"];

  it.each([
    [["dev", "--from", "editor"], 2, "the stack dev is made by npm start: choose another name"],
    [["a b", "--from", "editor"], 2, /a stack's name has letters/],
    [
      ["studio"],
      2,
      "name an example: --from examples/config-once or --from examples/editor or --from examples/homelab or --from examples/hot-hot or --from examples/sav3",
    ],
    [
      ["studio", "--from", "none"],
      2,
      'There is no example "none": there are examples/config-once, examples/editor, examples/homelab, examples/hot-hot, examples/sav3.',
    ],
    [["prod", "--from", "hot-hot"], 4, /^Pulumi\.prod\.yaml exists already/],
    [
      ["studio", "--from", "editor"],
      2,
      "There is no terminal to ask: add --host <address> and --password-stdin.",
    ],
    [
      ["studio", "--from", "hot-hot", "--host", "x", "--allow-from", "y"],
      2,
      "This example has no place for --host, --allow-from.",
    ],
    [["studio", "--from", "hot-hot"], 2, /^Pulumi has no place for its state yet: .* --local/],
    [
      ["studio", "--from", "editor", "--password-stdin", "--local", "--host", "x y"],
      2,
      /laterbase:primary\.host must be .* \(set in Pulumi\.studio\.yaml\)|laterbase:primary\.host/,
    ],
    [["studio", "--from", "editor", "--port", "0"], 2, /whole number from 1 to 65535/],
  ])("%j", async (words, code, sentence) => {
    stdin("pw\n");
    const ran = await run([...words, "--json"]);
    expect([ran.code, files()]).toEqual([code, untouched]);
    const { error, exitCode } = JSON.parse(ran.printed) as { error: string; exitCode: number };
    expect(exitCode).toBe(code);
    if (typeof sentence === "string") expect(error).toBe(sentence);
    else expect(error).toMatch(sentence);
    expect(pulumi.calls().filter((call) => call.startsWith("stack init"))).toEqual([]);
  });

  it("when Pulumi has a stack of that name", async () => {
    pulumi.logIn();
    pulumi.does(`case "$1 $2" in "stack export") echo '{"deployment":{}}' ;; esac`);
    const { code, said } = await run(["studio", "--from", "hot-hot"]);
    expect([code, said]).toEqual([4, expect.stringContaining("Pulumi has a stack studio already")]);
    expect(files()).toEqual(untouched);
  });

  it("and the stack is removed again when its secret cannot be encrypted", async () => {
    pulumi.logIn();
    pulumi.does(works.replace("    note\n", "    echo 'error: wrong key' >&2; exit 1\n"));
    const words = ["studio", "--from", "editor", "--host", "nas"];
    const { code, said } = await run(words, ["", "", "pw"]);
    expect([code, said]).toEqual([1, "laterbase: The stack studio cannot be made: wrong key."]);
    expect(pulumi.calls().at(-1)).toBe("stack rm --yes --preserve-config --stack studio");
    expect(files()).toEqual(untouched);
  });

  it("leaves a file that somebody wrote meanwhile", async () => {
    writeFileSync("Pulumi.studio.yaml", "mine");
    expect((await run(["studio", "--from", "hot-hot"])).code).toBe(4);
    expect(read()).toBe("mine");
  });
});
