import { asMarkdown, asText, type ChangeLine } from "../../../../scripts/wrapper/words";

const line: ChangeLine = {
  subject: "standby",
  change: "port 8009 → 8010",
  effects: ["container made anew", "data stay", "readers reconnect", "about 5 s"],
};

it("prints a line for each change", () => {
  expect(asText([])).toBe("");
  expect(asText([line, { subject: "stack", change: "x", effects: ["nothing restarts"] }])).toBe(
    "standby: port 8009 → 8010: container made anew, data stay, readers reconnect, about 5 s\n" +
      "stack: x: nothing restarts\n",
  );
});

it("prints the same as Markdown", () => {
  expect(asMarkdown([line], { stack: "prod" })).toBe(
    "### Laterbase, stack `prod`: 1 change\n\n" +
      "- **standby**: `port 8009 → 8010`: container made anew, data stay, readers reconnect, about 5 s\n",
  );
  expect(asMarkdown([], { stack: "prod" })).toBe("### Laterbase, stack `prod`: no change\n");
});

it("has the commit in its title, where it is about one", () => {
  const commit = "3f2a9c1d0b5e6f7a8b9c0d1e2f3a4b5c6d7e8f90";
  expect(asMarkdown([], { stack: "prod", commit })).toBe(
    "### Laterbase, stack `prod` at `3f2a9c1d`: no change\n",
  );
});

it("says that a preview failed, and what it warned of", () => {
  const note = { stack: "prod", warnings: ["the primary sleeps"], errors: ["a `b`", "two\nlines"] };
  expect(asMarkdown([line, line], note)).toBe(
    "### Laterbase, stack `prod`: the preview failed\n\n" +
      "- **standby**: `port 8009 → 8010`: container made anew, data stay, readers reconnect, about 5 s\n".repeat(
        2,
      ) +
      "\n**Errors**\n\n- `` a `b` ``\n- `two lines`\n\n**Warnings**\n\n- `the primary sleeps`\n",
  );
});

it("lets no value become a mention, a link or HTML", () => {
  const change = "email @all → `<img src=x>` [x](http://y)";
  const note = asMarkdown([{ subject: "pg_hba *x*", change, effects: ["a_b <b>"] }], {
    stack: "p",
  });
  expect(note).toContain(
    "- **pg\\_hba \\*x\\***: ``email @all → `<img src=x>` [x](http://y)``: a\\_b \\<b\\>",
  );
});
