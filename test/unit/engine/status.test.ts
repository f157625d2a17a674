import { parseStatus, Patience } from "../../../scripts/engine/status";

describe("parseStatus", () => {
  it("finds the status in the last line", () => {
    expect(
      parseStatus(`{"state":"x"}\n{"state":"cloning","detail":"34 % of 9 MB","since":"x"}\n`),
    ).toEqual({
      state: "cloning",
      detail: "34 % of 9 MB",
    });
  });

  it("has the phase, where there is one", () => {
    const line = '{"state":"starting","phase":"catching-up","detail":"3 MB to go","since":"x"}';
    expect(parseStatus(line)).toEqual({
      state: "starting",
      phase: "catching-up",
      detail: "3 MB to go",
    });
  });

  it.each(["", "OCI runtime exec failed", '{"state":', '{"state":1}', "null"])(
    "has none in %p",
    (text) => {
      expect(parseStatus(text)).toBeUndefined();
    },
  );
});

describe("Patience", () => {
  const status = (state: string, detail = "", phase?: string) => ({
    state,
    detail,
    ...(phase ? { phase } : {}),
  });

  it("ends at once, with the container's own sentence, when it is blocked or has failed", () => {
    expect(new Patience().exhausted(status("blocked", "another cluster"), 0)).toBe(
      "another cluster",
    );
    expect(new Patience().exhausted(status("failed"), 0)).toBe("failed");
  });

  it("has no end while a clone makes its way", () => {
    const patience = new Patience(1000);
    for (const now of [0, 900, 5000, 10_000]) {
      expect(patience.exhausted(status("cloning", `${now} %`), now)).toBeUndefined();
      expect(
        patience.exhausted(status("starting", "3 MB to go", "catching-up"), now),
      ).toBeUndefined();
    }
  });

  it("ends after the limit without progress, counted from the last of it", () => {
    const patience = new Patience(1000);
    expect(patience.exhausted(status("waiting", "no route"), 0)).toBeUndefined();
    expect(patience.exhausted(status("cloning", "1 %"), 900)).toBeUndefined();
    expect(patience.exhausted(status("waiting", "no route"), 1000)).toBeUndefined();
    expect(patience.exhausted(undefined, 1900)).toBeUndefined();
    expect(patience.exhausted(status("waiting", "no route"), 2000)).toBe(
      "not ready for 1 s without progress; last seen: waiting: no route",
    );
  });
});
