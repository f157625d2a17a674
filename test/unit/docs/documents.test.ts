import { existsSync, readFileSync } from "node:fs";
import { shells } from "../../support/docs/blocks";
import { blocksIn, documents, textOf } from "../../support/docs/documents";
import { refusalOfKeys } from "../../support/docs/keysInYaml";
import { refusalOf } from "../../support/docs/operatorWords";
import { runs } from "../../support/docs/runs";
import { commandsIn, npmScript } from "../../support/docs/words";

// Does not prove that a block does what its page says: the tests in support/docs/runs.ts run them.
const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as {
  scripts: Record<string, string>;
};
const commands = (page: string) =>
  blocksIn(page).filter(({ language }) => shells.includes(language));
const typed = (page: string) => commands(page).map((block) => ({ ...block, text: input(block) }));

/** Without the output that a console block shows. */
const input = ({ language, text }: { language: string; text: string }) =>
  language === "console"
    ? [...text.matchAll(/^\$ (.*)$/gm)].map(([, line]) => line).join("\n")
    : text;

/** What code between backticks says, such as `npm run laterbase -- status`. */
const inSentences = (page: string) =>
  [
    ...textOf(page)
      .replaceAll(/^( *)```[^]*?^\1```$/gm, "")
      .matchAll(/`([^`]+)`/g),
  ].map(([, code]) => code!.replaceAll(/\s+/g, " "));

const counts = (page: string) => {
  const marks = commands(page).map(({ mark }) => mark);
  const isRun = marks.filter((mark) => mark && "run" in mark).length;
  const explained = marks.filter((mark) => mark && "reason" in mark).length;
  return `${isRun} run, ${explained} with a reason`;
};

describe.each(documents)("%s", (page) => {
  it(`has command blocks: ${counts(page)}, and none without`, () => {
    const bare = commands(page).filter(({ mark }) => mark === undefined);
    expect(bare.map(({ line }) => `${page}:${line}`)).toEqual([]);
  });

  it("names stacks on which its blocks are run, and reasons that say something", () => {
    const wrong = commands(page).filter(
      ({ mark }) =>
        mark &&
        ("run" in mark ? !runs[mark.run]?.pages.includes(page) : mark.reason.split(" ").length < 3),
    );
    expect(wrong.map(({ line, mark }) => [`${page}:${line}`, mark])).toEqual([]);
  });

  it("names accidents that the test of the stack makes", () => {
    const strange = commands(page).filter(
      ({ mark }) =>
        mark &&
        "run" in mark &&
        mark.after !== undefined &&
        !readFileSync(runs[mark.run]!.test, "utf8").includes(`"${mark.after}": `),
    );
    expect(strange.map(({ line, mark }) => [`${page}:${line}`, mark])).toEqual([]);
  });

  it("names tests and pages in its reasons that exist", () => {
    const named = commands(page).flatMap(({ mark }) =>
      mark && "reason" in mark ? (mark.reason.match(/[\w/-]+\.(?:test\.ts|md)\b/g) ?? []) : [],
    );
    const places = named.map((path) => (path.endsWith(".ts") ? `test/${path}` : path));
    expect(places.filter((path) => !existsSync(path))).toEqual([]);
  });

  it("has whole commands of the operator in its blocks", () => {
    const refused = typed(page).flatMap(({ line, text }) =>
      commandsIn(text).flatMap((words) => {
        const { script, args } = npmScript(words) ?? {};
        const reason = script === "laterbase" && args ? refusalOf(args, true) : undefined;
        return reason === undefined ? [] : [`${page}:${line}: ${words.join(" ")}: ${reason}`];
      }),
    );
    expect(refused).toEqual([]);
  });

  it("names commands and options of the operator that there are", () => {
    const refused = inSentences(page).flatMap((code) =>
      commandsIn(code).flatMap((words) => {
        const { script, args } = npmScript(words) ?? {};
        const reason = script === "laterbase" && args ? refusalOf(args, false) : undefined;
        return reason === undefined ? [] : [`${code}: ${reason}`];
      }),
    );
    expect(refused).toEqual([]);
  });

  it("names npm scripts that there are, with options that they know", () => {
    const all = [...typed(page).map(({ text }) => text), ...inSentences(page)];
    const wrong = all.flatMap(commandsIn).filter((words) => {
      const { script, args = [] } = npmScript(words) ?? {};
      if (script === undefined) return false;
      const file = scripts[script];
      if (file === undefined) return true;
      // The operator's command, Pulumi and jest know their own.
      if (["laterbase", "pulumi", "preview-note", "test", "trials"].includes(script)) return false;
      const help = readFileSync(file, "utf8");
      return args.some((word) => word.startsWith("--") && !help.includes(word.split("=")[0]!));
    });
    expect(wrong).toEqual([]);
  });

  it("has keys of the stack file that the program accepts", () => {
    const refused = blocksIn(page)
      .filter(({ language, text }) => language === "yaml" && /^ *"?laterbase:/m.test(text))
      .map(({ line, text }) => [`${page}:${line}`, refusalOfKeys(text)])
      .filter(([, reason]) => reason !== undefined);
    expect(refused).toEqual([]);
  });

  it("names files of the checkout that exist", () => {
    const folders =
      /^(?:\.\/)?((?:bench|components|contract|docs|examples|images|scripts|test)\/[^`<>*…\s]*|Pulumi\.(?:dev|prod)\.yaml)$/;
    const named = inSentences(page).flatMap((code) => folders.exec(code)?.[1] ?? []);
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
  });
});

describe("the stacks on which blocks are run", () => {
  it.each(Object.entries(runs))(
    "%s has its test, and pages with blocks for it",
    (name, { test, pages }) => {
      expect(readFileSync(test, "utf8")).toContain(`documentRun("${name}"`);
      for (const page of pages) {
        const here = commands(page).filter(
          ({ mark }) => mark && "run" in mark && mark.run === name,
        );
        expect([page, here.length > 0]).toEqual([page, true]);
      }
    },
  );
});

describe("what the checks see", () => {
  it.each([
    ["statuss", "unknown command"],
    ["status --verbose", "unknown option"],
    ["rotate", "missing required argument"],
    ["restore-dump --file ./x --in-place --accept", "unknown option"],
  ])("refuses laterbase %s", (words, reason) => {
    expect(refusalOf(words.split(" "), true)).toContain(reason);
  });

  it.each(["status --stack home --json", "restore-dump <database>", "backup full --repo <n>"])(
    "accepts laterbase %s",
    (words) => expect(refusalOf(words.split(" "), true)).toBeUndefined(),
  );

  it("refuses a key that there is not, of a part of a stack file and of a whole one", () => {
    expect(refusalOfKeys("laterbase:pooler: { prt: 6432 }")).toContain("pooler.prt");
    expect(refusalOfKeys("config:\n  laterbase:pooler: { prt: 6432 }")).toContain("pooler.prt");
    expect(refusalOfKeys("laterbase:pooler: { port: 6433 }")).toBeUndefined();
  });
});
