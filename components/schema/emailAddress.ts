import { domainToUnicode } from "node:url";
import { z } from "zod";

const atom = "[A-Za-z0-9_!#$%&'*+/=?^`{|}~-]+";
/** A third and fourth hyphen are only for internationalised names (xn--). */
const label = "(?!(?!xn)..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const address = new RegExp(
  `^(?=.{1,254}$)${atom}(?:\\.${atom})*@(?:${label}\\.)+(?=[a-z0-9-]*[a-z]$)${label}$`,
);

/** Reserved names that no mail domain uses. email_validator, SPECIAL_USE_DOMAIN_NAMES. */
const special = ["arpa", "invalid", "local", "localhost", "onion", "test"];

/**
 * An e-mail address that pgAdmin takes as a login. pgAdmin 9.17 asks email_validator, without
 * looking the domain up; that takes letters outside ASCII too, which are refused here, because
 * pgAdmin compares logins by their bytes. The domain leaves the parser in lower case.
 */
export const EmailAddress = z
  .string({ error: "must be an e-mail address, such as me@example.com" })
  .transform((text, context) => {
    const at = text.lastIndexOf("@");
    const email = text.slice(0, at) + text.slice(at).toLowerCase();
    const wrong = mistakeIn(email);
    if (!wrong) return email;
    context.issues.push({ code: "custom", message: wrong, input: text });
    return z.NEVER;
  })
  .meta({ values: "e-mail address" });

function mistakeIn(email: string): string | undefined {
  const domain = email.slice(email.lastIndexOf("@") + 1);
  if (!address.test(email) || domainToUnicode(domain) === "") {
    return "must be an e-mail address, such as me@example.com";
  }
  const top = domain.slice(domain.lastIndexOf(".") + 1);
  if (special.includes(top)) {
    return `must be an e-mail address in an ordinary domain, such as me@example.com, because pgAdmin refuses .${top} as a login`;
  }
  return undefined;
}
