import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Machine } from "../../support/unit/machine";

describe("docker", () => {
  let machine: Machine;
  beforeEach(() => {
    machine = new Machine();
  });
  afterEach(() => machine.remove());

  /** An engine that answers once `dockerd` was started. */
  const silentUntilStarted = () => {
    machine.stub("engine", '[ -f "$HOME/started" ] && echo "20.10.24+dfsg1 amd64"');
    machine.stub("setsid", '"$@"');
  };
  const dockerd = 'touch "$HOME/started"';

  it("takes the engine that answers and starts nothing", () => {
    machine.engine();
    const { out, calls } = machine.bash('need_docker; echo "$docker_report"');
    expect(out).toBe("docker 20.10.24 (local engine)\n");
    expect(calls.filter((call) => call.startsWith("engine"))).toEqual(["engine ping"]);
  });

  it("reports whose engine DOCKER_HOST is, and installs none in its place", () => {
    machine.engine();
    const env = { DOCKER_HOST: "ssh://media@nas.local" };
    expect(machine.bash('need_docker; echo "$docker_report"', env).out).toContain(
      "(ssh://media@nas.local)",
    );
    machine.stub("engine", "echo 'ssh://media@nas.local: no answer within 5 s' >&2; exit 1");
    machine.stub("apt-get", "exit 0");
    const { code, out, calls } = machine.bash("need_docker", env);
    expect(code).toBe(1);
    expect(out).toContain(
      "DOCKER_HOST=ssh://media@nas.local does not answer: ssh://media@nas.local: no answer",
    );
    expect(calls.join()).not.toContain("apt-get");
  });

  it("installs Debian's engine as root and starts it, once", () => {
    silentUntilStarted();
    machine.stub(
      "apt-get",
      `case "$*" in *install*docker.io*) printf '#!/bin/bash\\n${dockerd}\\n' >${machine.folder}/bin/dockerd; chmod +x ${machine.folder}/bin/dockerd ;; esac`,
    );
    const { code, calls } = machine.bash("need_docker");
    expect(code).toBe(0);
    const apt = calls.filter((call) => call.startsWith("apt-get"));
    expect(apt).toHaveLength(2);
    expect(apt[0]).toMatch(/update$/);
    expect(apt[1]).toMatch(/install --no-install-recommends docker.io iptables ca-certificates$/);
    expect(machine.bash("need_docker").calls.join()).not.toMatch(/apt-get|setsid/);
  });

  it("starts the engine that is installed", () => {
    silentUntilStarted();
    machine.stub("dockerd", dockerd);
    const { code, calls } = machine.bash("need_docker");
    expect(code).toBe(0);
    expect(calls).toContain("setsid dockerd");
  });

  it("finds an engine by Docker's own context", () => {
    machine.stub(
      "engine",
      '[ "$2" = unix:///home/me/docker.sock ] || [ -n "$DOCKER_HOST" ] && echo "27.1.0 arm64"',
    );
    machine.stub("docker", "echo unix:///home/me/docker.sock");
    expect(machine.bash('need_docker; echo "$docker_report $engine_arch"').out).toBe(
      "docker 27.1.0 (unix:///home/me/docker.sock) arm64\n",
    );
  });

  it("says how to get one to who is not root", () => {
    machine.stub("engine", "exit 1");
    const { code, out, calls } = machine.bash("need_docker", { UID_SAYS: "1000" });
    expect(code).toBe(1);
    expect(out).toMatch(
      /laterbase: no Docker engine answers: install Docker Engine \(https:.*DOCKER_HOST/,
    );
    expect(calls.join()).not.toContain("apt-get");
    machine.stub("dockerd", "exit 1");
    expect(machine.bash("need_docker", { UID_SAYS: "1000" }).out).toContain(
      "sudo systemctl start docker",
    );
  });

  it("says so when apt has no Docker", () => {
    machine.stub("engine", "exit 1");
    machine.stub(
      "apt-get",
      'case "$*" in *install*) echo "E: Unable to locate package docker.io"; exit 100 ;; esac',
    );
    const { code, out } = machine.bash("need_docker");
    expect(code).toBe(1);
    expect(out).toContain("Unable to locate package docker.io");
    expect(out).toContain("Docker could not be installed by apt: install Docker Engine");
  });

  describe("a pid file", () => {
    const proc = (pid: number, comm: string, state: string) => {
      const folder = join(machine.folder, "proc", String(pid));
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "comm"), `${comm}\n`);
      writeFileSync(join(folder, "status"), `Name:\t${comm}\nState:\t${state}\n`);
    };
    const stays = (pid: string) => {
      writeFileSync(join(machine.folder, "docker.pid"), pid);
      const script = `remove_stale_pid ${machine.folder}/docker.pid; [ -f ${machine.folder}/docker.pid ] && echo stays || echo gone`;
      return machine.bash(script, { LATERBASE_PROC: join(machine.folder, "proc") }).out;
    };

    it("of a living dockerd stays, any other goes", () => {
      proc(11, "dockerd", "S (sleeping)");
      proc(12, "dockerd", "Z (zombie)");
      proc(13, "sshd", "S (sleeping)");
      expect(stays("11\n")).toBe("stays\n");
      expect(stays("12")).toBe("gone\n");
      expect(stays("13")).toBe("gone\n");
      expect(stays("14")).toBe("gone\n");
      expect(stays("")).toBe("gone\n");
    });
  });
});
