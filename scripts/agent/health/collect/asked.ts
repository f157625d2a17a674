import type { Client } from "pg";
import type { Seen } from "../../../../contract/health/facts";
import { Failure } from "../../kit/failure";
import { absenceOf, Patient } from "./absence";
import type { KeptSession } from "./kept";

export const addressOf = ({ host, port }: { host: string; port: number }) => `${host}:${port}`;

/** A part with a kept session. */
export class Asked<T extends object> {
  /** Whether the last look was answered. */
  isNew = false;
  private readonly patient = new Patient<T>();

  constructor(
    private readonly where: { host: string; port: number },
    private readonly session: KeptSession,
    private readonly question: (client: Client) => Promise<T | undefined>,
  ) {}

  async look(): Promise<Seen<T>> {
    try {
      const answer = await this.session.ask(this.question);
      if (!answer) throw new Failure("It refuses every question.");
      this.isNew = true;
      return this.patient.see(answer);
    } catch (error) {
      this.isNew = false;
      return this.patient.see(absenceOf(error, addressOf(this.where)));
    }
  }

  close(): void {
    this.session.close();
  }
}
