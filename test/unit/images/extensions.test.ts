import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { agentImage } from "../../../images/build/agent";
import type { GeneratedImage } from "../../../images/build/context";
import { postgresImage } from "../../../images/build/postgres";
import { stackImages } from "../../../images/build/stack";

const names = ["postgis", "pgvector"];

it("leaves the image without extensions as it is", () => {
  expect(postgresImage(17, [])).toEqual(postgresImage(17));
  expect(postgresImage(17)).not.toHaveProperty("fill");
});

it("is another image for another list, and the same in another order", () => {
  const image = postgresImage(17, names);
  expect(image.tag).toMatch(/^laterbase\/postgres:17-[0-9a-f]{12}$/);
  expect(image.tag).not.toBe(postgresImage(17).tag);
  expect(image.tag).not.toBe(postgresImage(17, ["pgvector"]).tag);
  expect(image.tag).toBe(postgresImage(17, names.toReversed()).tag);
  expect(image.context).toBe(".laterbase/postgres");
  expect(image.buildArgs).toMatchObject({ PG_MAJOR: "17", EXTENSIONS: "pgvector postgis" });
});

it("puts them on top of everything else, so that the layers below are shared", () => {
  const folder = mkdtempSync(join(tmpdir(), "lbt-extensions-"));
  try {
    (postgresImage(17, names) as GeneratedImage).fill(folder);
    const dockerfile = readFileSync(join(folder, "Dockerfile"), "utf8");
    const own = readFileSync("images/postgres/Dockerfile", "utf8");
    expect(dockerfile.startsWith(own)).toBe(true);
    expect(dockerfile.slice(own.length)).toBe(
      readFileSync("images/extensions/Dockerfile.end", "utf8"),
    );
    expect(
      ["extensions.sh", "lib/primary.sh"].map((file) => existsSync(join(folder, file))),
    ).toEqual([...[true, true]]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("is what every container of the stack that runs the database's code stands on", () => {
  const images = stackImages({ primary: { version: 17, extensions: names }, dumps: {} });
  expect(images.postgres.tag).toBe(postgresImage(17, names).tag);
  expect(images.agent).toMatchObject({ tag: agentImage(17, names).tag });
  expect(images.agent?.buildArgs["BASE"]).toBe(images.postgres.tag);
});
