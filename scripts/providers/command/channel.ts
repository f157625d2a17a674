import type { Client, ClientChannel } from "ssh2";

/** The internals of ssh2 1.17 that are used here. */
interface Inside {
  _chanMgr: { add(opened: Opened): number };
  _protocol: {
    session(id: number, window: number, packet: number): void;
    env(id: number, name: string, value: string, wantReply: boolean): void;
    exec(id: number, command: string, wantReply: boolean): void;
    signal(id: number, name: string): void;
  };
}

type Opened = ((error: Error | undefined, channel: Channel) => void) & { type?: string };

type Channel = ClientChannel & {
  outgoing: { id: number };
  _callbacks: ((failed: boolean | Error) => void)[];
  subtype?: string;
  allowHalfOpen?: boolean;
};

const WINDOW = 2 * 1024 * 1024;
const PACKET = 32 * 1024;

/**
 * Starts a command with variables in its environment, and calls `refused` for each that the host
 * does not accept. ssh2's own `exec` also sends variables, but never asks whether they were accepted.
 */
export async function openWithEnvironment(
  client: Client,
  command: string,
  environment: Record<string, string>,
  refused: (name: string) => void,
): Promise<ClientChannel> {
  const { _protocol: protocol } = client as unknown as Inside;
  const channel = await openSession(client as unknown as Inside);
  const { id } = channel.outgoing;
  try {
    for (const [name, value] of Object.entries(environment)) {
      if (!(await granted(channel, () => protocol.env(id, name, value, true)))) refused(name);
    }
    if (!(await granted(channel, () => protocol.exec(id, command, true)))) {
      throw new Error(`ssh: command ${command} failed`);
    }
  } catch (error) {
    channel.close();
    throw error;
  }
  channel.subtype = "exec";
  channel.allowHalfOpen = true;
  return channel;
}

/** Signals a command. ssh2's own `signal` does nothing after the input has ended. */
export function sendSignal(client: Client, channel: ClientChannel, name: string): void {
  (client as unknown as Inside)._protocol.signal((channel as Channel).outgoing.id, name);
}

function openSession({ _chanMgr: channels, _protocol: protocol }: Inside): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const opened: Opened = (error, channel) => (error ? reject(error) : resolve(channel));
    opened.type = "session";
    protocol.session(channels.add(opened), WINDOW, PACKET);
  });
}

function granted(channel: Channel, send: () => void): Promise<boolean> {
  return new Promise((resolve) => {
    channel._callbacks.push((failed) => resolve(failed === false));
    send();
  });
}
