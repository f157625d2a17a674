import { serviceImage } from "../../../images/build/services";

describe("serviceImage", () => {
  const before = process.env["LATERBASE_STAND_INS"];
  afterEach(() => {
    if (before === undefined) delete process.env["LATERBASE_STAND_INS"];
    else process.env["LATERBASE_STAND_INS"] = before;
  });

  it("is the real one, pinned, unless set-up found no registry", () => {
    delete process.env["LATERBASE_STAND_INS"];
    expect(serviceImage("ofelia")).toEqual({ pulled: "mcuadros/ofelia:0.3.21" });
    expect(serviceImage("socketProxy")).toEqual({ pulled: "wollomatic/socket-proxy:1.13.1" });
    expect(serviceImage("duplicati")).toEqual({ pulled: "duplicati/duplicati:2.3.0.4" });
    process.env["LATERBASE_STAND_INS"] = "yes";
    expect(serviceImage("socketProxy")).toMatchObject({
      tag: expect.stringMatching(/^laterbase\/socket-proxy-stand-in:1\.13\.1-[0-9a-f]{12}$/),
    });
  });
});
