import type { Ran } from "../process";
import { type Block, shells } from "./blocks";
import type { Checkout } from "./checkout";
import { blocksIn } from "./documents";
import { runs } from "./runs";
import { isAsShown, type Shown, shownIn } from "./shown";

export interface RunSettings {
  checkout: Checkout;
  /** Names of stacks on the pages, and those that they have here. */
  stacks: Record<string, string>;
  /** What stands on the pages for a value that varies, such as an id, and how to find the value now. */
  values?: Record<string, string | (() => Promise<string>)>;
  /** What happens before a block that is run `after` it: commands that a reader must not paste. */
  accidents?: Record<string, string>;
}

/** A test for each block of the pages of a stack, in their order. */
export function documentRun(name: string, settings: RunSettings): void {
  const { pages } = runs[name]!;
  describe.each(pages)("%s", (page) => {
    const blocks = blocksIn(page).filter(({ mark, language }) => {
      return mark && "run" in mark && mark.run === name && shells.includes(language);
    });
    it.each(blocks.map((block) => [`line ${block.line}: ${firstLine(block)}`, block] as const))(
      "%s",
      async (_, block) => {
        const { mark } = block;
        if (!mark || !("run" in mark)) throw new Error("a block without a mark");
        if (mark.after) await happens(mark.after, settings);
        const answers = await Promise.all(
          (mark.answers ?? []).map((answer) => asHere(answer, settings)),
        );
        for (const { command, output, isLast } of partsOf(block)) {
          const script = await asHere(command, settings);
          const ran = await settings.checkout.bash(script, mark.answers ? answers : undefined);
          expectEnd(script, ran, isLast ? mark.exit : 0);
          if (output === undefined) continue;
          const shown = await Promise.all(output.map((line) => asHere(line, settings)));
          if (!isAsShown(ran.stdout + ran.stderr, shown)) {
            expect(ran.stdout + ran.stderr).toBe(shown.join("\n"));
          }
        }
      },
    );
  });
}

async function happens(accident: string, settings: RunSettings): Promise<void> {
  const command = settings.accidents?.[accident];
  if (command === undefined) throw new Error(`the test has no accident '${accident}'`);
  const script = await asHere(command, settings);
  expectEnd(script, await settings.checkout.bash(script), 0);
}

const firstLine = ({ text }: Block) => text.split("\n")[0]!.replace(/ *#.*/, "");

/** A bash block is one script; each command of a console block is compared with what the page shows. */
function partsOf({
  language,
  text,
}: Block): (Partial<Shown> & { command: string; isLast: boolean })[] {
  if (language !== "console") return [{ command: text, isLast: true }];
  const all = shownIn(text);
  return all.map(({ command, output }, index) => ({
    command: `exec 2>&1; ${command}`,
    output,
    isLast: index === all.length - 1,
  }));
}

/** The text with the names and values that it has here. */
async function asHere(text: string, { stacks, values = {} }: RunSettings): Promise<string> {
  let here = text;
  for (const [sample, value] of Object.entries(values)) {
    if (!here.includes(sample)) continue;
    here = here.replaceAll(sample, typeof value === "string" ? value : await value());
  }
  for (const [name, own] of Object.entries(stacks)) {
    here = here.replaceAll(
      new RegExp(`(?<![\\w/.])${name}(?![\\w/.])|(?<=(?:laterbase|Pulumi)[-._])${name}`, "g"),
      own,
    );
  }
  return here;
}

function expectEnd(script: string, { code, stdout, stderr }: Ran, exit: number): void {
  const said = code === exit ? "" : `\n${stdout}${stderr}`;
  expect(`${script}\nends with ${code}${said}`).toBe(`${script}\nends with ${exit}`);
}
