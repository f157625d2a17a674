import { readFileSync } from "node:fs";
import { objectStoreImage, ownObjectStoreImage } from "../../../images/build/objectStore";
import { stackImages } from "../../../images/build/stack";

const before = { ...process.env };
afterEach(() => {
  process.env = { ...before };
});

const plain = (image: object): unknown => JSON.parse(JSON.stringify(image));

describe("the object store's image", () => {
  it("is its makers' own, pinned, unless set-up found no registry", () => {
    delete process.env["LATERBASE_STAND_INS"];
    expect(objectStoreImage()).toEqual({ pulled: "versity/versitygw:v1.7.0" });
    process.env["LATERBASE_STAND_INS"] = "yes";
    expect(plain(objectStoreImage())).toEqual(plain(ownObjectStoreImage()));
  });

  it("is the same version from its Go module, on a base of ours", () => {
    const { tag, context, buildArgs } = ownObjectStoreImage();
    expect(tag).toMatch(/^laterbase\/versitygw:1\.7\.0-[0-9a-f]{12}$/);
    expect(context).toBe(".laterbase/object-store");
    expect(buildArgs["BASE"]).toMatch(/trixie/);
    expect(readFileSync("images/objectStore/go.mod", "utf8")).toContain(
      "require github.com/versity/versitygw v1.7.0\n",
    );
    expect(readFileSync("images/objectStore/go.sum", "utf8")).toMatch(
      /^github\.com\/versity\/versitygw v1\.7\.0 h1:\S+=$/m,
    );
  });

  it("is there only for a stack that has one", () => {
    const primary = { version: 17 };
    expect(stackImages({ primary })).not.toHaveProperty("objectStore");
    expect(plain(stackImages({ primary, objectStore: {} }).objectStore!)).toEqual(
      plain(objectStoreImage()),
    );
  });
});
