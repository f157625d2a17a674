import { noteText, secretValues } from "../../../scripts/ci/noteText";

const mark = "<!-- laterbase preview of prod -->";

describe("the secrets of a job", () => {
  const valuesOf = (env: Record<string, string | undefined>) =>
    secretValues(env, (file) => `what ${file} holds\n`);

  it("are the values of variables with such names, the longest first", () => {
    expect(
      valuesOf({
        ...{ NOTE_TOKEN: "glpat-12345", PULUMI_CONFIG_PASSPHRASE: "open sesame and more" },
        ...{ AWS_SECRET_ACCESS_KEY: "0123456789", AWS_ACCESS_KEY_ID: "AKIA123" },
        ...{
          CI_PROJECT_ID: "42424242",
          DB_PASSWORD: "short",
          EMPTY_TOKEN: "",
          SAME_TOKEN: "glpat-12345",
        },
        UNSET_TOKEN: undefined,
      }),
    ).toEqual(["open sesame and more", "glpat-12345", "0123456789", "AKIA123"]);
  });

  it("are a password in an address, and a passphrase in a file, too", () => {
    expect(
      valuesOf({
        PULUMI_BACKEND_URL: "postgres://state:backend-password@db.example.com/states",
        PULUMI_CONFIG_PASSPHRASE_FILE: "/run/passphrase",
        CI_PROJECT_URL: "https://gitlab.example.com/group/project",
      }),
    ).toEqual(["what /run/passphrase holds", "backend-password"]);
  });
});

describe("the note", () => {
  it("begins with the mark of its stack", () => {
    expect(noteText("one\n\n", { stack: "prod", secrets: [] })).toBe(`${mark}\none\n`);
  });

  it("has no secret, also where one is a part of another", () => {
    const secrets = ["secret-and-more", "secret"];
    expect(noteText("a secret-and-more, a secret", { stack: "prod", secrets })).toBe(
      `${mark}\na [masked], a [masked]\n`,
    );
  });

  it("is cut from its end, at a line, and says so", () => {
    const lines = Array.from({ length: 100 }, (_, i) => `line ${i}`).join("\n");
    const cut = noteText(lines, { stack: "prod", secrets: [], most: 200 });
    expect(cut.length).toBeLessThanOrEqual(200);
    expect(cut).toMatch(
      /^<!--.*-->\nline 0\n[^]*\nline \d+\n\nThe rest is cut: the job's artifact has the whole note\.\n$/,
    );
  });

  it("ends a code block that it cuts", () => {
    const text = `words\n\`\`\`\n${"code\n".repeat(100)}\`\`\``;
    const cut = noteText(text, { stack: "prod", secrets: [], most: 300 });
    expect(cut.length).toBeLessThanOrEqual(300);
    expect(cut).toContain("\ncode\n```\n\nThe rest is cut");
  });

  it("is whole at exactly the most", () => {
    const whole = `${mark}\nabc\n`;
    expect(noteText("abc", { stack: "prod", secrets: [], most: whole.length })).toBe(whole);
  });
});
