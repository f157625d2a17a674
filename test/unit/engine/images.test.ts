import { Readable } from "node:stream";
import { follow } from "../../../scripts/engine/images";

describe("the engine's messages", () => {
  it("are read line by line, from any chunks", async () => {
    const messages: unknown[] = [];
    const chunks = ['{"stream":"one"}\n{"stre', 'am":"two"}\n', '{"stream":"three"}'];
    await follow(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), ({ stream }) =>
      messages.push(stream),
    );
    expect(messages).toEqual(["one", "two", "three"]);
  });

  it("end with an error among them", async () => {
    const stream = Readable.from([Buffer.from('{"error":"no space left on device"}\n')]);
    await expect(follow(stream, () => undefined)).rejects.toThrow("no space left on device");
  });
});
