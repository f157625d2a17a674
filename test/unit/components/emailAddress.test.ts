import { z } from "zod";
import { EmailAddress } from "../../../components/schema/emailAddress";
import { sentence } from "../../../components/schema/strict";

function sentences(email: unknown): string[] {
  const parsed = z
    .strictObject({ email: EmailAddress })
    .safeParse({ email }, { reportInput: true });
  return parsed.success
    ? []
    : parsed.error.issues.map((issue) => sentence(issue, "Pulumi.dev.yaml"));
}

const long = (length: number) => "a".repeat(length);

// Each was given to email_validator 2.3 as pgAdmin 9.17 calls it, with the same answer.
describe("EmailAddress", () => {
  it.each([
    ["me@example.com", "me@example.com"],
    ["First.Last+tag@Mail.Example.CO.UK", "First.Last+tag@mail.example.co.uk"],
    ["o'brien@example.com", "o'brien@example.com"],
    ["1/2@example.com", "1/2@example.com"],
    ["me@a-b.example", "me@a-b.example"],
    ["me@xn--mnchen-3ya.de", "me@xn--mnchen-3ya.de"],
    [`${long(242)}@example.com`, `${long(242)}@example.com`],
    [`me@${long(63)}.com`, `me@${long(63)}.com`],
    ["me@localhost.example.com", "me@localhost.example.com"],
  ])("takes %s", (given, kept) => {
    expect(EmailAddress.parse(given)).toBe(kept);
  });

  it.each([
    "",
    "me",
    "@example.com",
    "me@",
    "me@example",
    "me@localhost",
    "me@192.168.1.20",
    "me@[192.168.1.20]",
    "me@example.com.",
    "me@.example.com",
    "me@exa mple.com",
    "me@exam_ple.com",
    "me@-example.com",
    "me@example-.com",
    "me@ab--c.com",
    "me@xn--a.de",
    "me@example.c0",
    "me@@example.com",
    ".me@example.com",
    "me.@example.com",
    "m..e@example.com",
    '"me"@example.com',
    "m e@example.com",
    "me@example.com\n",
    `${long(243)}@example.com`,
    `me@${long(64)}.com`,
    `me@${`${long(60)}.`.repeat(5)}com`,
  ])("refuses %p in one sentence", (email) => {
    expect(sentences(email)).toEqual([
      `laterbase:email must be an e-mail address, such as me@example.com; it is ${JSON.stringify(email)} (set in Pulumi.dev.yaml).`,
    ]);
  });

  it("refuses what pgAdmin's own check would take, but its login would not find by other bytes", () => {
    expect(sentences("jürgen@example.com")).toHaveLength(1);
    expect(sentences("me@bücher.de")).toHaveLength(1);
  });

  it.each(["local", "localhost", "test", "invalid", "onion", "arpa"])(
    "refuses the domain .%s, as pgAdmin does, and says so",
    (top) => {
      expect(sentences(`me@studio.${top}`)).toEqual([
        `laterbase:email must be an e-mail address in an ordinary domain, such as me@example.com, because pgAdmin refuses .${top} as a login; it is "me@studio.${top}" (set in Pulumi.dev.yaml).`,
      ]);
    },
  );

  it("refuses what is no text", () => {
    expect(sentences(undefined)).toEqual([
      "laterbase:email must be an e-mail address, such as me@example.com; it is not set (set in Pulumi.dev.yaml).",
    ]);
    expect(sentences(5)).toHaveLength(1);
  });
});
