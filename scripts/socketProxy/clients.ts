import { lookup } from "node:dns/promises";

const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/, "");

/** Whether an address is the client's. Its name is looked up again each time, as addresses change. */
export async function isClient(name: string, address: string): Promise<boolean> {
  const found = await lookup(name, { all: true }).catch(() => []);
  return found.some((one) => one.address === plain(address));
}

/** Whether a request comes from the proxy's own container, as the health check does. */
export const isOwn = (address: string) => plain(address) === "127.0.0.1";
