import { Replies } from "../../../scripts/cli/servers/replies";

it("reads lines from pieces of any size, even when a piece ends inside a letter", () => {
  const said: string[] = [];
  const replies = new Replies((line) => said.push(line));
  const sent = Buffer.from('{"progress":"ä"}\n{"progress":"b"}\n{"result":{"é":1}}');
  for (const byte of sent) replies.add(Buffer.from([byte]));
  expect(said).toEqual(["ä", "b"]);
  expect(replies.last()).toEqual({ result: { é: 1 } });
});

it("has no last reply when the agent never answered", () => {
  const replies = new Replies(() => undefined);
  replies.add(Buffer.from("words of a shell\n"));
  expect(replies.last()).toBeUndefined();
});
