import type Docker from "dockerode";
import { Readable } from "node:stream";
import { findImage } from "../../../scripts/providers/docker/images";
import type { Context } from "../../../scripts/providers/protocol/provider";

describe("an image", () => {
  const image = { Id: "sha256:1" };
  const gone = Object.assign(new Error("no such image"), { statusCode: 404 });

  function engine(found: unknown[], messages: object[] = []) {
    const pulled: string[] = [];
    const logins: unknown[] = [];
    const fake = {
      getImage: () => ({
        inspect: () => {
          const next = found.shift();
          return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
        },
      }),
      pull: (name: string, options: { authconfig?: unknown }) => {
        pulled.push(name);
        logins.push(options.authconfig);
        const lines = messages.map((message) => Buffer.from(`${JSON.stringify(message)}\n`));
        return Promise.resolve(Readable.from(lines));
      },
    };
    return { pulled, logins, docker: fake as unknown as Docker };
  }

  function context() {
    const statuses: string[] = [];
    const ctx = { status: (text: string) => statuses.push(text) } as unknown as Context;
    return { statuses, ctx };
  }

  it("that exists locally is not pulled", async () => {
    const { docker, pulled } = engine([image]);
    expect(await findImage(docker, context().ctx, "a")).toBe(image);
    expect(pulled).toEqual([]);
  });

  it("that does not exist locally is pulled by its tag, with progress", async () => {
    const { docker, pulled } = engine(
      [gone, image],
      [
        { status: "Pulling from library/a", id: "latest" },
        { status: "Pulling fs layer", id: "x" },
        { status: "Already exists", id: "y" },
        { status: "Pull complete", id: "x" },
      ],
    );
    const { ctx, statuses } = context();
    expect(await findImage(docker, ctx, "localhost:5000/a")).toBe(image);
    expect(pulled).toEqual(["localhost:5000/a:latest"]);
    expect(statuses.slice(1)).toEqual([
      "pulling localhost:5000/a: 0 of 1 layers",
      "pulling localhost:5000/a: 1 of 2 layers",
      "pulling localhost:5000/a: 2 of 2 layers",
    ]);
  });

  it("is pulled with the login of its registry, where the provider has one", async () => {
    const name = `registry.example.com/p/a@sha256:${"1".repeat(64)}`;
    const login = { serveraddress: "registry.example.com", username: "ci", password: "p" };
    const asked: string[] = [];
    const loginFor = (image: string) => {
      asked.push(image);
      return Promise.resolve(login);
    };
    const { docker, pulled, logins } = engine([gone, image]);
    await findImage(docker, context().ctx, name, loginFor);
    expect([asked, pulled, logins]).toEqual([[name], [name], [login]]);
    const without = engine([gone, image]);
    await findImage(without.docker, context().ctx, name);
    expect(without.logins).toEqual([undefined]);
  });

  it("that exists nowhere is an error with its name", async () => {
    const { docker } = engine([gone], [{ error: "manifest unknown" }]);
    await expect(findImage(docker, context().ctx, "a:1")).rejects.toThrow(
      "unable to pull image a:1: manifest unknown",
    );
  });
});
