import { Replies } from "../../../scripts/cli/servers/replies";

it("reads lines whatever pieces they come in, also inside a letter", () => {
  const said: string[] = [];
  const replies = new Replies((line) => said.push(line));
  const sent = Buffer.from('{"progress":"ä"}\n{"progress":"b"}\n{"result":{"é":1}}');
  for (const byte of sent) replies.add(Buffer.from([byte]));
  expect(said).toEqual(["ä", "b"]);
  expect(replies.last()).toEqual({ result: { é: 1 } });
});

it("has nothing to say of an agent that never answered", () => {
  const replies = new Replies(() => undefined);
  replies.add(Buffer.from("words of a shell\n"));
  expect(replies.last()).toBeUndefined();
});
