/** A command that the scheduler may start. Each value must be equal, byte for byte. */
export interface AllowedCommand {
  /** The name of the container that it runs in. */
  container: string;
  /** The program and its arguments. */
  argv: readonly string[];
  /** The user in that container. */
  user: string;
}

/** What the socket proxy lets through. It gets this as JSON in its only argument, and it is no secret. */
export interface ProxyRules {
  /** The name of the only container that may call it. */
  client: string;
  /** Everything that the client may start. */
  commands: readonly AllowedCommand[];
}

/** Where the proxy listens in its container. */
export const proxyPort = 2375;
