export const methods = [
  ...["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "TRACE", "OPTIONS"],
] as const;

export const levels = ["DEBUG", "INFO", "WARN", "ERROR"] as const;
export type Level = (typeof levels)[number];

/** The options of the command line. */
export interface Options {
  /** Addresses, networks or host names of allowed clients. */
  allowFrom: string[];
  allowHealthcheck: boolean;
  listenIp: string;
  proxyPort: number;
  socketPath: string;
  logLevel: Level;
  /** The allowed paths by method. A method without a rule is refused. */
  rules: Map<string, RegExp[]>;
}

/**
 * Reads flags as Go's flag package does: one dash or two, the value after `=` or as the next argument;
 * a switch has no value.
 *
 * @throws Error with the proxy's text
 */
export function readFlags(args: readonly string[]): Options {
  const options: Options = {
    allowFrom: ["127.0.0.1/32"],
    allowHealthcheck: false,
    listenIp: "127.0.0.1",
    proxyPort: 2375,
    socketPath: "/var/run/docker.sock",
    logLevel: "INFO",
    rules: new Map(),
  };
  for (let at = 0; at < args.length; at++) {
    const [, name = "", value] = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(args[at] ?? "") ?? [];
    // The first argument that is not a flag ends the flags.
    if (name === "") break;
    if (name === "allowhealthcheck") {
      options.allowHealthcheck = /^(1|t|true)$/i.test(value ?? "true");
      continue;
    }
    const text = value ?? args[++at];
    if (text === undefined) throw new Error(`flag needs an argument: -${name}`);
    set(options, name, text);
  }
  return options;
}

function set(options: Options, name: string, value: string): void {
  const method = methods.find((one) => name === `allow${one}`);
  if (method) return allow(options, method, value);
  switch (name) {
    case "allowfrom":
      options.allowFrom = value.split(",");
      return;
    case "listenip":
      if (!/^[\d.]+$|:/.test(value)) throw new Error(`invalid IP "${value}" for listenip`);
      options.listenIp = value;
      return;
    case "proxyport":
      options.proxyPort = Number(value);
      if (Number.isInteger(options.proxyPort) && options.proxyPort > 0 && options.proxyPort < 65536)
        return;
      throw new Error("port number has to be between 1 and 65535");
    case "socketpath":
      options.socketPath = value;
      return;
    case "loglevel": {
      const level = levels.find((one) => one === value.toUpperCase());
      if (!level)
        throw new Error(`invalid log level ${value}: Supported levels are ${levels.join(", ")}`);
      options.logLevel = level;
      return;
    }
    default:
      throw new Error(`flag provided but not defined: -${name}`);
  }
}

/** Between ^ and $ without a group, as in the original: `a|b` means `^a` or `b$`. */
function allow({ rules }: Options, method: string, pattern: string): void {
  if (pattern === "") return;
  try {
    rules.set(method, [...(rules.get(method) ?? []), new RegExp(`^${pattern}$`)]);
  } catch {
    throw new Error(`invalid regex "${pattern}" for method ${method} in command line parameter`);
  }
}
