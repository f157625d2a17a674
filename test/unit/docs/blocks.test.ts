import { blocksOf } from "../../support/docs/blocks";
import { isAsShown, shownIn } from "../../support/docs/shown";
import { commandsIn, npmScript } from "../../support/docs/words";

const page = (...lines: string[]) => blocksOf("page.md", lines.join("\n"));

describe("the blocks of a page", () => {
  it("have their page, line, language and text, without the indentation of a list", () => {
    expect(
      page("# Page", "", "```bash", "a", "", "b", "```", "1. x", "", "   ```", "   y", "   ```"),
    ).toEqual([
      { page: "page.md", line: 3, language: "bash", text: "a\n\nb" },
      { page: "page.md", line: 10, language: "", text: "y" },
    ]);
  });

  it("take the comment before them, or else the last one that is for all below", () => {
    const marks = page(
      ...["<!-- run below: dev -->", "", "Words.", "", "```sh", "1", "```", ""],
      ...["<!-- not run: needs a Mac -->", "", "```sh", "2", "```", ""],
      ...["```sh", "3", "```", ""],
      ...[
        "<!-- run: x -->",
        "Words.",
        "<!-- run below: prod, exit 3 -->",
        "",
        "```sh",
        "4",
        "```",
        "",
      ],
      ...["<!-- run: dev, answers: prod; y -->", "```sh", "5", "```"],
      ...["<!-- run: dev, exit 1, after: it is gone -->", "```sh", "6", "```"],
    ).map(({ mark }) => mark);
    expect(marks).toEqual([
      { run: "dev", exit: 0 },
      { reason: "needs a Mac" },
      { run: "dev", exit: 0 },
      { run: "prod", exit: 3 },
      { run: "dev", exit: 0, answers: ["prod", "y"] },
      { run: "dev", exit: 1, after: "it is gone" },
    ]);
  });

  it("are refused where a comment is another one, or a block has no end", () => {
    expect(() => page("<!-- run dev -->")).toThrow("page.md:1: write <!-- run: <stack> -->");
    expect(() => page("", "<!-- run: Dev 1 -->", "")).toThrow("page.md:2: 'Dev 1' is not <stack>");
    expect(() => page("```sh", "x")).toThrow("page.md:1: the block has no end");
  });
});

describe("the commands of a script", () => {
  it.each([
    ['a \'b c\' "d \\"e\\"" f\\ g # h', [["a", "b c", 'd "e"', "f g"]]],
    ["a \\\n  b\nc | d && e; f", [["a", "b"], ["c"], ["d"], ["e"], ["f"]]],
    ["a <b c> --x <d> <~/e 2>&1 >f", [["a", "<b c>", "--x", "<d>"]]],
    ["a x#y '#z'\n# only words\n", [["a", "x#y", "#z"]]],
    ["source <(a b)", [["source"], ["a", "b"]]],
    ["a '1\n2'", [["a", "1\n2"]]],
  ])("%j", (script, commands) => {
    expect(commandsIn(script)).toEqual(commands);
  });

  it.each([
    ["npm run laterbase -- status --json", { script: "laterbase", args: ["status", "--json"] }],
    ["npm run --silent pulumi -- up", { script: "pulumi", args: ["up"] }],
    ["X=1 npm start -- --adopt", { script: "start", args: ["--adopt"] }],
    ["npm run destroy", { script: "destroy", args: [] }],
    ["npm ci", undefined],
    ["docker run npm", undefined],
  ])("names the script of %j", (command, script) => {
    expect(npmScript(commandsIn(command)[0]!)).toEqual(script);
  });
});

describe("a console block", () => {
  it("has commands, each with what is shown of its output", () => {
    expect(shownIn("$ a \\\n  b\nx\n\n$ c\n$ d\ny")).toEqual([
      { command: "a \\\n  b", output: ["x", ""] },
      { command: "c", output: [] },
      { command: "d", output: ["y"] },
    ]);
    expect(() => shownIn("x\n$ a")).toThrow('begins with "$ <command>"');
  });

  it.each([
    ["a\nb\n", ["a", "b"], true],
    ["a\nb\n", ["a"], false],
    ["a\n", ["a", "b"], false],
    ["12 rows (x)\n", ["… rows (x)"], true],
    ["12 rows (x)\n", ["… rows (y)"], false],
    ["a\nb\nc\n", ["a", "…"], true],
    ["a\nb\nc\n", ["…", "c"], true],
    ["a\nb\nc\n", ["a", "…", "b", "c"], true],
    ["a\nb\nc\n", ["…", "d"], false],
    ["", [], true],
    ["a\n", [], false],
    ["a  \n", ["a"], true],
    ["a\n\nb\n\n", ["a", "", "b", "", ""], true],
    ["a\nb\n", ["a", "", "b"], false],
  ])("compares %j with %j: %j", (printed, shown, same) => {
    expect(isAsShown(printed, shown)).toBe(same);
  });
});
