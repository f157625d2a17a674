import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { containerName, serviceVolumes } from "../../contract/names";
import type { DuplicatiOutput } from "../../contract/stackOutputs";
import type { Backups } from "../backupAgent/backups";
import { pageUrl, publishedHost } from "../kit/address";
import { hardened, identity, uid } from "../kit/container";
import type { StackContext } from "../kit/context";
import type { Declared } from "../kit/declared";
import { ownContainer } from "../kit/ownContainer";
import { generatedPassword, type PasswordArgs } from "../kit/password";
import { keptVolume } from "../kit/volume";
import { duplicatiUser, environment, healthcheck, uploads } from "./files";
import type { DuplicatiConfig } from "./schema";
import { volumesOfUser } from "./volumesOfUser";

export interface DuplicatiArgs extends PasswordArgs {
  /** The stack, with the engine that runs Duplicati. */
  stack: StackContext;
  /** `laterbase:duplicati`. Another port restarts Duplicati; the job follows in place. */
  config: DuplicatiConfig;
  /** Duplicati's image, or one with its paths and its interface. A change restarts it. */
  image: pulumi.Input<string>;
  /** Where the dumps are. Duplicati may only read them. A change restarts it. */
  backups: Backups;
  /** A sentence where the container is gone: its volumes may be new, and then belong to root. Default: it is there. */
  drift?: string | undefined;
}

const role = "duplicati";

/**
 * Duplicati: it encrypts the finished dumps and uploads them. `UploadJob` makes the job in it, and the
 * agent starts the job, because Duplicati does not read cron. Destroy leaves its data, the archives of
 * a `file://` target, and the secrets without which neither can be read.
 */
export class Duplicati extends pulumi.ComponentResource {
  /** Its address in the stack's network. */
  readonly url: string;
  /** The password of its page. */
  readonly password: pulumi.Output<string>;
  /** What the archives are encrypted with. */
  readonly passphrase: pulumi.Output<string>;
  /** What people open. */
  readonly access: Omit<Declared<DuplicatiOutput>, "passphrase">;
  /** Its container. A new one gets the job again. */
  readonly container: docker.Container;

  constructor(
    private readonly name: string,
    private readonly args: DuplicatiArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("laterbase:index:Duplicati", name, {}, opts);
    const { config, stack, rotation } = args;
    const host = publishedHost(stack.engine.host, stack.bindAddress);
    this.url = `http://${containerName(stack.prefix, role)}:8200`;
    const page = { parent: this, protect: false };
    this.password = generatedPassword(`${name}-password`, { rotation }, page);
    // Its data and the archives are encrypted with these two, so they stay as they are.
    const secret = (what: string) =>
      generatedPassword(`${name}-${what}`, {}, { parent: this, protect: true });
    const settingsKey = secret("settings-key");
    // Drawn even where one is configured: a later change would otherwise delete a protected resource.
    const generated = secret("passphrase");
    this.passphrase = config.passphrase ?? generated;
    this.container = this.run(host, settingsKey);
    this.access = { url: pageUrl({ host, port: config.port }), password: this.password };
    this.registerOutputs({ url: this.access.url });
  }

  private run(host: string, settingsKey: pulumi.Output<string>): docker.Container {
    const { stack, config, image, backups, drift } = this.args;
    const { engine } = stack;
    const own = identity(stack, role);
    const { folder } = config.target;
    const names = serviceVolumes(stack.prefix);
    const kept = (what: string, volume: string) =>
      keptVolume(`${this.name}-${what}`, { volume, role, stack }, this);
    const data = kept("data", names.duplicatiData);
    // Made for every target: a change to another one would otherwise delete a protected volume.
    const archive = kept("archive", names.duplicatiArchive);
    const owner = volumesOfUser(
      `${this.name}-owner`,
      { stack, backups, container: own.name, volumes: [data.name, archive.name], drift },
      this,
    );
    // A folder of the host keeps the group of its owner, who reads the dumps too.
    const group = "hostPath" in backups ? owner.stdout.apply((text) => text.trim()) : uid;
    return ownContainer(
      engine,
      `${this.name}-container`,
      {
        // A server that is killed during an upload may need hours to rebuild its lists.
        ...hardened({ memory: 1024, graceSeconds: 120, processes: 512 }),
        healthcheck,
        // It owns its data, and reads the dumps by their group. It needs no capability for either.
        user: pulumi.interpolate`${duplicatiUser}:${group}`,
        // Every archive records the host name.
        ...own,
        image,
        entrypoints: ["/etc/laterbase/start"],
        command: ["duplicati-server"],
        init: true,
        envs: environment(stack.timeZone, [own.name, own.hostname, host]),
        ports: [{ internal: 8200, external: config.port, ip: stack.bindAddress }],
        volumes: [
          { volumeName: data.name, containerPath: "/data" },
          { ...backups, containerPath: "/backups", readOnly: true },
          ...(folder ? [{ volumeName: archive.name, containerPath: folder }] : []),
        ],
        uploads: uploads(settingsKey, this.password),
      },
      {
        parent: this,
        provider: engine.provider,
        dependsOn: [owner],
        // Two servers on one database would destroy it.
        deleteBeforeReplace: true,
        replaceOnChanges: ["healthcheck", "init"],
      },
    );
  }
}
