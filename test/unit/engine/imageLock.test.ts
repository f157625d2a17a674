import type Docker from "dockerode";
import { imageLockName, imageRecord, lockedImage, lockedRole } from "../../../contract/imageLock";
import { keptRecord, recordOf } from "../../../scripts/engine/imageLock";

const [one, two, id] = ["1", "2", "9"].map((digit) => `sha256:${digit.repeat(64)}`) as [
  string,
  string,
  string,
];
const asked = { role: "pgadmin", image: "dpage/pgadmin4:9.17", accept: "accept it" };
const record = (digest: string, image = asked.image) => imageRecord(image, { digest, id });

describe("the record of a pulled image", () => {
  it("names the content, for a container too", () => {
    expect(record(one)).toBe(`dpage/pgadmin4:9.17@${one}`);
    expect(lockedImage(`${record(one)}\n`)).toEqual({
      image: "dpage/pgadmin4:9.17",
      content: one,
      reference: `dpage/pgadmin4@${one}`,
    });
    const registry = "registry.local:5000/team/image:1.0";
    expect(lockedImage(record(one, registry))).toMatchObject({
      image: registry,
      reference: `registry.local:5000/team/image@${one}`,
    });
    const untagged = "registry.local:5000/image";
    expect(lockedImage(record(one, untagged)).reference).toBe(`${untagged}@${one}`);
  });

  it("is its id where it was loaded and has no digest", () => {
    const loaded = imageRecord(asked.image, { id });
    expect(lockedImage(loaded)).toEqual({ image: asked.image, content: id, reference: id });
  });

  it("is nothing that a container could run by accident in any other text", () => {
    expect(lockedImage("what")).toEqual({ image: "what", content: "", reference: "what" });
    expect(lockedImage(`a@sha256:${"1".repeat(63)}`).content).toBe("");
  });

  it("is in a resource that is named after the role", () => {
    expect(imageLockName("scheduler")).toBe("scheduler-image-lock");
    expect(lockedRole("scheduler-image-lock")).toBe("scheduler");
    expect(lockedRole("pgadmin-image")).toBeUndefined();
  });
});

describe("the next record", () => {
  it("is the first one where there was none, or where it was given up", () => {
    expect(keptRecord(record(one), { ...asked, recorded: undefined })).toBe(record(one));
    expect(keptRecord(record(two), { ...asked, recorded: "" })).toBe(record(two));
  });

  it("stays for the same content, and is another one for another tag", () => {
    expect(keptRecord(record(one), { ...asked, recorded: `${record(one)}\n` })).toBe(record(one));
    const image = "dpage/pgadmin4:9.18";
    expect(keptRecord(record(two, image), { ...asked, image, recorded: record(one) })).toBe(
      record(two, image),
    );
  });

  it.each([
    ["another digest", record(two), two],
    ["a loaded image instead", imageRecord(asked.image, { id }), id],
  ])("is refused for %s under the same tag, in one sentence", (_, found, now) => {
    const tried = () => keptRecord(found, { ...asked, recorded: record(one) });
    expect(tried).toThrow(
      new Error(
        `The image dpage/pgadmin4:9.17 of pgadmin is now ${now}, and not ${one}, which was pulled first: somebody replaced it, there or on this engine. If you trust it, run 'accept it' and bring the stack up again.`,
      ),
    );
  });
});

describe("what an engine has under a tag", () => {
  const engine = (image: object | undefined) =>
    ({
      getImage: () => ({
        inspect: () =>
          image
            ? Promise.resolve(image)
            : Promise.reject(Object.assign(new Error("none"), { statusCode: 404 })),
      }),
    }) as unknown as Docker;

  it("is the digest of that repository", async () => {
    const RepoDigests = [`mirror.local/pgadmin4@${two}`, `dpage/pgadmin4@${one}`];
    expect(await recordOf(engine({ Id: id, RepoDigests }), asked.image)).toBe(record(one));
  });

  it("is the only digest, or the id where several or none are there", async () => {
    const [other, more] = [`mirror.local/pgadmin4@${two}`, `elsewhere/pgadmin4@${one}`];
    expect(await recordOf(engine({ Id: id, RepoDigests: [other] }), asked.image)).toBe(record(two));
    for (const RepoDigests of [[other, more], [], undefined]) {
      expect(await recordOf(engine({ Id: id, RepoDigests }), asked.image)).toBe(
        `dpage/pgadmin4:9.17=${id}`,
      );
    }
  });

  it("is an error where nothing is", async () => {
    await expect(recordOf(engine(undefined), asked.image)).rejects.toThrow(
      "The engine has no image dpage/pgadmin4:9.17",
    );
  });
});
