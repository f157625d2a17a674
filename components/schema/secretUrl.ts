import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

const example = "must be a URL such as https://example.com/path";

/** A URL whose path or login may be a secret: it leaves the parser as a secret, and no error repeats it. */
export const SecretUrl = z
  .string({ error: `${example}, set with \`pulumi config set --secret --path\`` })
  .meta({ secret: true })
  .transform((text, context) => {
    if (isWeb(text)) return pulumi.secret(text);
    context.issues.push({ code: "custom", message: example, input: {} });
    return z.NEVER;
  });

function isWeb(text: string): boolean {
  if (/\s|\p{Cc}/u.test(text) || !URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return ["http:", "https:"].includes(protocol) && hostname !== "";
}
