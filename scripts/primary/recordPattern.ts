const any = (one: string): string => `(?:${one}(?:,${one})*)?`;
// Neither \u0000 nor a half of a pair, which jsonb refuses.
const text = '"(?:[^"\\\\\\u0001-\\u001f]|\\\\["\\\\/bfnrt]|\\\\u00(?:0[1-9a-f]|1[0-9a-f]))*"';
const single = `(?:${text}|-?(?:0|[1-9][0-9]{0,17})|true|false|null)`;
const field = (value: string): string => ` *${text} *: *${value} *`;
const list = `\\[${any(` *${single} *`)} *\\]`;
const flat = `\\{${any(field(single))} *\\}`;
const deep = `\\{${any(field(`(?:${single}|${list}|${flat})`))} *\\}`;
const fields = field(`(?:${single}|${list}|${deep})`);

/**
 * A regular expression, for PostgreSQL and for JavaScript, of what may be a record of Laterbase: a comment that
 * PostgreSQL surely reads as JSON. A role with CREATEROLE may write any comment on its own roles, and a cast of
 * another text would end our statement. Older servers have no function that asks first, and a function of our own
 * would change the primary. So it knows JSON as deep as records are, which `jsonb` has written.
 */
export const recordPattern = `^\\{(?:${fields},)* *"laterbase" *: *[0-9]{1,9} *(?:,${fields})*\\}$`;
