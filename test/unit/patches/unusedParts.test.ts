import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { refusing } from "../../../scripts/patches/unusedParts";

describe("the parts of Pulumi's SDK that nothing here uses", () => {
  it("are skipped before the SDK is loaded, because Pulumi.yaml says so", () => {
    const { runtime } = parse(readFileSync("Pulumi.yaml", "utf8")) as {
      runtime: { options: Record<string, unknown> };
    };
    expect(runtime.options["nodeargs"]).toBe("--require ./scripts/patches/preload.cjs");
    // ts-node would load TypeScript itself.
    expect(runtime.options["typescript"]).toBe(false);
  });

  it("say why they are missing to what asks for them, and let themselves be imported", () => {
    const stub = refusing("typescript") as Record<string, unknown>;
    expect([stub["__esModule"], stub["default"], stub[Symbol.toStringTag as never]]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(() => stub["createProgram"]).toThrow(
      "Laterbase keeps Pulumi from loading typescript, which packs functions for a cloud (scripts/patches/unusedParts.ts).",
    );
  });
});
