import { connect } from "node:net";
import { Failure } from "../../kit/failure";

const patienceMs = 4000;

/** Connects and says nothing. */
export function reach({ host, port }: { host: string; port: number }): Promise<{ reached: true }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const timer = setTimeout(() => {
      socket.destroy(Object.assign(new Failure("It did not answer."), { code: "ETIMEDOUT" }));
    }, patienceMs);
    socket.once("connect", () => {
      resolve({ reached: true });
      socket.destroy();
    });
    socket.once("error", reject);
    socket.once("close", () => clearTimeout(timer));
  });
}
