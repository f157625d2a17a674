import { connect, sshArguments } from "../../../scripts/engine/connect";
import { formatDuration, parseDuration } from "../../../scripts/providers/docker/durations";

describe("an engine behind SSH", () => {
  it("is reached with the local ssh and its options", () => {
    const args = sshArguments("ssh://me@host.example:2222", ["-i", "key"]);
    expect(args.join(" ")).toBe(
      "-i key -l me -p 2222 -o ConnectTimeout=30 -o BatchMode=yes -T" +
        " -- host.example docker system dial-stdio",
    );
  });

  it("may have its socket elsewhere", () => {
    expect(sshArguments("ssh://host/run/user/1000/docker.sock").join(" ")).toContain(
      "docker --host unix:///run/user/1000/docker.sock system dial-stdio",
    );
  });

  it("takes no password", () => {
    expect(() => sshArguments("ssh://me:hunter2@host")).toThrow(
      "an ssh:// address of an engine must not hold a password",
    );
  });
});

describe("an engine's address", () => {
  it("may be a socket or a port", () => {
    expect(connect({ host: "unix:///run/d.sock" }).modem).toMatchObject({
      socketPath: "/run/d.sock",
    });
    expect(connect({ host: "tcp://10.0.0.2:2375" }).modem).toMatchObject({
      host: "10.0.0.2",
      port: "2375",
      protocol: "http",
    });
  });

  it("may be nothing else", () => {
    expect(() => connect({ host: "ftp://somewhere" })).toThrow(
      "begins with unix://, ssh:// or tcp://",
    );
  });
});

describe("durations", () => {
  it.each([
    ["0s", 0],
    ["500ms", 5e8],
    ["2s", 2e9],
    ["1m0s", 60e9],
    ["1m30s", 90e9],
    ["1h0m1s", 3601e9],
    ["1.5s", 15e8],
  ])("%s is read and written", (text, nanoseconds) => {
    expect(parseDuration(text)).toBe(nanoseconds);
    expect(formatDuration(nanoseconds)).toBe(text);
  });

  it.each(["", "5", "five", "1d", "-1s"])("%p is none", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});
