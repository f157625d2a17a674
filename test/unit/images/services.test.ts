import { serviceImage } from "../../../images/build/services";
import { socketProxyImage } from "../../../images/build/socketProxy";
import { stackImages } from "../../../images/build/stack";

describe("serviceImage", () => {
  const before = process.env["LATERBASE_STAND_INS"];
  afterEach(() => {
    if (before === undefined) delete process.env["LATERBASE_STAND_INS"];
    else process.env["LATERBASE_STAND_INS"] = before;
  });

  it("is the real one, pinned, unless set-up found no registry", () => {
    delete process.env["LATERBASE_STAND_INS"];
    expect(serviceImage("ofelia")).toEqual({ pulled: "mcuadros/ofelia:0.3.21" });
    expect(serviceImage("duplicati")).toEqual({ pulled: "duplicati/duplicati:2.3.0.4" });
    process.env["LATERBASE_STAND_INS"] = "yes";
    expect(serviceImage("ofelia")).toMatchObject({
      tag: expect.stringMatching(/^laterbase\/ofelia-stand-in:0\.3\.21-[0-9a-f]{12}$/),
    });
  });

  it("does not include the socket proxy, which is always ours", () => {
    const { socketProxy } = stackImages({ primary: { version: 17 }, dumps: {} });
    expect(socketProxy!.tag).toBe(socketProxyImage().tag);
    expect(socketProxy!.tag).toMatch(/^laterbase\/socket-proxy:1-[0-9a-f]{12}$/);
  });
});
