import { quoted } from "../../../contract/quoting";
import { visible, visibleJson, visibleLines } from "../../../contract/visible";

const hostile = 'a\u001b[31m\n\r\t\u0007\u009b2J\u202etxt.exe\u2066\u2028"é日\\';

it("shows control characters and turned text as escapes, and leaves letters alone", () => {
  expect(visible(hostile)).toBe(
    'a\\x1b[31m\\n\\r\\t\\x07\\x9b2J\\u202etxt.exe\\u2066\\u2028"é日\\',
  );
});

it("shows a name in a sentence in the same way", () => {
  expect(quoted('a"b\nTo finish, run:\u001b[1m')).toBe('"a""b\\nTo finish, run:\\x1b[1m"');
});

it("leaves the line breaks of a text of ours", () => {
  expect(visibleLines("one\ntwo\u001b")).toBe("one\ntwo\\x1b");
});

it("writes JSON that a terminal shows as it is, with the same data", () => {
  const text = visibleJson({ name: hostile }, 2);
  // eslint-disable-next-line no-control-regex -- they are what this is about
  expect(text).toMatch(/^[^\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2066\u2028]*$/);
  expect(JSON.parse(text)).toEqual({ name: hostile });
});
