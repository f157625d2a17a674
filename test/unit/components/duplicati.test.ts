import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { DuplicatiArgs } from "../../../components/duplicati/duplicati";
import { Duplicati } from "../../../components/duplicati/duplicati";
import { duplicatiSchema } from "../../../components/duplicati/schema";
import { UploadJob } from "../../../components/duplicati/uploadJob";
import { testStack } from "../../support/testStack";
import { sentence } from "../../../components/schema/strict";
import { type Made, named, promiseOf, render } from "../../support/mocks";

const good = { port: 8200, target: "file:///archive" };

/** The sentences on a value of `laterbase:duplicati`. */
function sentences(value: unknown): string[] {
  const parsed = z
    .strictObject({ duplicati: duplicatiSchema })
    .safeParse({ duplicati: value }, { reportInput: true });
  return parsed.success
    ? []
    : parsed.error.issues.map((issue) => sentence(issue, "Pulumi.dev.yaml"));
}

describe("laterbase:duplicati", () => {
  it("has a schedule and a retention by default", async () => {
    const config = duplicatiSchema.parse(good);
    expect(config).toMatchObject({
      schedule: { text: "0 3 * * *", fields: ["0", "3", "*", "*", "*"] },
      retention: "1W:1D,4W:1W,12M:1M",
    });
    expect(config.target.folder).toBe("/archive");
    expect(await promiseOf(config.target.url)).toBe("file:///archive");
  });

  it.each([
    ["s3://bucket/folder?aws-access-key-id=a&aws-secret-access-key=b&use-ssl=true", undefined],
    ["ssh://nas.local:22/backups?auth-username=me", undefined],
    ["file:///srv/laterbase/archive/", "/srv/laterbase/archive"],
    ["file:///mnt/usb?use-move-for-put=true", "/mnt/usb"],
  ])("takes the target %s", (target, folder) => {
    expect(duplicatiSchema.parse({ ...good, target }).target.folder).toBe(folder);
  });

  it.each<[string | undefined, string]>([
    [
      undefined,
      "must be a URL, such as s3://bucket/folder, ssh://nas.local/backups or file:///archive; it is not set",
    ],
    [
      "/srv/archive",
      "must be a URL: a folder inside Duplicati's container is written file:///archive, any other place with its scheme, such as s3://bucket/folder",
    ],
    [
      "bucket/folder?aws-secret-access-key=hush",
      "must be a URL with a scheme, such as s3://bucket/folder, ssh://nas.local/backups or file:///archive",
    ],
    [
      "s3:bucket",
      "must be a URL with a scheme, such as s3://bucket/folder, ssh://nas.local/backups or file:///archive",
    ],
    ["s3://bucket/my folder", "must be a URL without white space; in a path it is written %20"],
    [
      "s3://b/?aws-secret-access-key=*****",
      "must not hold three asterisks, which Duplicati takes for a hidden secret",
    ],
    ...[
      "file://",
      "file:///",
      "file://archive",
      "file:///data",
      "file:///backups/x",
      "file:///a/../etc",
      "file:///run-as-user.sh",
      "file:///usr/lib",
    ].map((target): [string, string] => [
      target,
      "must name a folder for the archives alone, such as file:///archive: an absolute path, and none that Duplicati or its system uses",
    ]),
  ])("refuses the target %s in one sentence, without repeating it", (target, words) => {
    expect(sentences({ ...good, target })).toEqual([
      `laterbase:duplicati.target ${words} (set in Pulumi.dev.yaml).`,
    ]);
  });

  it.each(["1W:1D", "U:1Y", "1D:U", "1M15D:12h,U:1M", "90s:5m"])(
    "takes the retention %s",
    (retention) => {
      expect(sentences({ ...good, retention })).toEqual([]);
    },
  );

  it.each(["", "7", "1W", "1W:1D,", "1w:1d", "1W:1D;4W:1W", "0D:1D", "1W:1D:1h", "-1W:1D"])(
    "refuses the retention %p",
    (retention) => {
      expect(sentences({ ...good, retention })).toEqual([
        `laterbase:duplicati.retention must be a list of timeframe:interval in s, m, h, D, W, M or Y, such as 1W:1D,4W:1W,12M:1M; it is ${JSON.stringify(retention)} (set in Pulumi.dev.yaml).`,
      ]);
    },
  );

  it("refuses an empty passphrase, a wrong schedule, a wrong port and what it does not know", () => {
    expect(sentences({ ...good, passphrase: "" })).toEqual([
      "laterbase:duplicati.passphrase must not be empty; set it with `pulumi config set --secret --path` (set in Pulumi.dev.yaml).",
    ]);
    expect(sentences({ ...good, schedule: "at three" })).toHaveLength(1);
    expect(sentences({ ...good, port: 0 })).toHaveLength(1);
    expect(sentences({ ...good, keep: 7 })).toEqual([
      "laterbase:duplicati.keep is unknown; the known keys are port, target, passphrase, schedule, retention (set in Pulumi.dev.yaml).",
    ]);
  });
});

/** Duplicati with its job, in a stack dev. It proves what is asked for, not what Docker makes of it. */
async function stack(
  config: object,
  args: Partial<DuplicatiArgs> = {},
  place: { bindAddress?: string; host?: string } = {},
): Promise<[Made[], Duplicati]> {
  let duplicati: Duplicati | undefined;
  const made = await render(() => {
    const stack = testStack(place);
    const parsed = duplicatiSchema.parse({ ...good, ...config });
    duplicati = new Duplicati("duplicati", {
      stack,
      config: parsed,
      image: "duplicati/duplicati:2.3.0.4",
      backups: { volumeName: "laterbase-dev-backups" },
      ...args,
    });
    const ready = new pulumi.ComponentResource("test:index:Agent", "agent");
    const agent = { containerName: "laterbase-dev-agent", ready };
    new UploadJob("duplicati", { stack, config: parsed, duplicati, agent });
  });
  return [made.filter(({ name }) => name.startsWith("duplicati")), duplicati!];
}

const listing = (made: Made[]) =>
  made.map(({ type, name, opts }) =>
    [type.split(":").at(-1), name, opts.protect && "protected", opts.retainOnDelete && "retained"]
      .filter(Boolean)
      .join(" "),
  );

describe("Duplicati", () => {
  it("is these resources; what the archives cannot be read without outlives the code", async () => {
    const [made] = await stack({});
    expect(listing(made)).toEqual([
      "Duplicati duplicati",
      "RandomPassword duplicati-password",
      "RandomPassword duplicati-settings-key protected",
      "RandomPassword duplicati-passphrase protected",
      "Volume duplicati-data protected retained",
      "Volume duplicati-archive protected retained",
      "Command duplicati-owner",
      "Container duplicati-container",
      "UploadJob duplicati",
      "Command duplicati-job",
    ]);
    const [remote] = await stack({ target: "s3://bucket/x" });
    // Protected, so a change to another target must not want to delete it.
    expect(listing(remote)).toContain("Volume duplicati-archive protected retained");
  });

  it("is a container that reads the dumps, owns its data, and may do nothing else", async () => {
    const [made] = await stack({});
    const { inputs, opts } = named(made, "duplicati-container");
    expect(inputs).toMatchObject({
      name: "laterbase-dev-duplicati",
      hostname: "duplicati",
      image: "duplicati/duplicati:2.3.0.4",
      entrypoints: ["/etc/laterbase/start"],
      command: ["duplicati-server"],
      init: true,
      user: "8200:999",
      capabilities: { drops: ["ALL"] },
      securityOpts: ["no-new-privileges:true"],
      memory: 1024,
      memorySwap: 1024,
      destroyGraceSeconds: 120,
      stopTimeout: 120,
      logOpts: { "max-size": "10m", "max-file": "3" },
      ports: [{ internal: 8200, external: 8200, ip: "127.0.0.1" }],
      volumes: [
        { volumeName: "laterbase-dev-duplicati-data", containerPath: "/data" },
        { volumeName: "laterbase-dev-backups", containerPath: "/backups", readOnly: true },
        { volumeName: "laterbase-dev-duplicati-archive", containerPath: "/archive" },
      ],
      envs: [
        "TZ=Europe/London",
        "HOME=/data",
        "DUPLICATI__DISABLE_UPDATE_CHECK=true",
        "DUPLICATI__REQUIRE_DB_ENCRYPTION_KEY=true",
        "DUPLICATI__WEBSERVICE_ALLOWED_HOSTNAMES=laterbase-dev-duplicati;duplicati;127.0.0.1",
        "DUPLICATI__WEBSERVICE_TIMEZONE=Europe/London",
      ],
    });
    expect(inputs["healthcheck"].tests).toEqual(["CMD", "/etc/laterbase/health"]);
    expect(opts).toMatchObject({ deleteBeforeReplace: true });
    const [hosted] = await stack({}, { backups: { hostPath: "/srv/dumps" } });
    expect(named(hosted, "duplicati-container").inputs["volumes"][1]).toEqual({
      hostPath: "/srv/dumps",
      containerPath: "/backups",
      readOnly: true,
    });
    // The group of a folder of the host is what the step finds there.
    expect(named(hosted, "duplicati-container").inputs["user"]).toBe(
      "8200:stdout-of-duplicati-owner",
    );
  });

  it("gets its volumes before it starts, by a step that older stacks need too", async () => {
    const [made] = await stack({});
    const { inputs, opts } = named(made, "duplicati-owner");
    const run = "node --require tsx/cjs scripts/steps/duplicatiOwner.ts laterbase-dev-duplicati";
    expect(inputs).toMatchObject({ create: run, update: run, triggers: [] });
    expect(JSON.parse(inputs["stdin"])).toEqual({
      image: "laterbase/postgres:17-abc",
      user: "8200",
      volumes: ["laterbase-dev-duplicati-data", "laterbase-dev-duplicati-archive"],
    });
    expect(opts.deleteBeforeReplace).toBe(true);
    const needs = named(made, "duplicati-container").opts.dependsOn;
    expect(needs).toMatchObject([{ __name: "duplicati-owner" }]);
    const [hosted] = await stack({}, { backups: { hostPath: "/srv/my dumps" } });
    expect(JSON.parse(named(hosted, "duplicati-owner").inputs["stdin"])).toMatchObject({
      folder: "/srv/my dumps",
    });
  });

  it("allows the name under which people on another machine open it", async () => {
    const [made, duplicati] = await stack(
      {},
      {},
      { bindAddress: "0.0.0.0", host: "ssh://media@nas.local" },
    );
    expect(named(made, "duplicati-container").inputs["envs"]).toContain(
      "DUPLICATI__WEBSERVICE_ALLOWED_HOSTNAMES=laterbase-dev-duplicati;duplicati;nas.local",
    );
    expect(duplicati.access.url).toBe("http://nas.local:8200");
    expect(duplicati.url).toBe("http://laterbase-dev-duplicati:8200");
    expect(await promiseOf(duplicati.access.password)).toBe("password-of-duplicati-password");
  });

  it("gets its secrets as files of its user alone, and nothing else holds one", async () => {
    const [made] = await stack({
      passphrase: "Tr0ub4dor",
      target: "s3://b/x?aws-secret-access-key=hush",
    });
    const files = named(made, "duplicati-container").inputs["uploads"];
    expect(files.map((one: any) => [one.file, one.permissions, one.owner])).toEqual([
      ["/etc/laterbase/start", "0555", "8200"],
      ["/etc/laterbase/health", "0555", "8200"],
      ["/etc/laterbase/settings-key", "0400", "8200"],
      ["/etc/laterbase/web-password", "0400", "8200"],
    ]);
    for (const { name, inputs, secrets } of made) {
      const open = Object.entries(inputs).filter(([key]) => !secrets.includes(key));
      expect([name, JSON.stringify(open)]).toEqual([
        name,
        expect.not.stringMatching(/password-of-|Tr0ub4dor|hush/),
      ]);
    }
  });

  it("makes its job through the agent, with target and passphrase on standard input", async () => {
    const [made] = await stack({ passphrase: "Tr0ub4dor", target: "s3://b/x", retention: "U:1D" });
    const { inputs, secrets, opts } = named(made, "duplicati-job");
    const run = "node --require tsx/cjs scripts/steps/duplicatiJob.ts laterbase-dev-agent";
    expect(inputs).toMatchObject({
      create: run,
      update: run,
      environment: { LATERBASE_ENGINE: "" },
      triggers: ["duplicati-container-id"],
      addPreviousOutputInEnv: false,
    });
    expect(inputs["delete"]).toBeUndefined();
    expect(secrets).toEqual(["stdin"]);
    expect(JSON.parse(inputs["stdin"])).toEqual({
      name: "laterbase dev",
      target: "s3://b/x",
      passphrase: "Tr0ub4dor",
      retention: "U:1D",
    });
    expect(opts.deleteBeforeReplace).toBe(true);
    const [generated] = await stack({});
    expect(named(generated, "duplicati-job").inputs["stdin"]).toContain(
      "password-of-duplicati-passphrase",
    );
  });
});
