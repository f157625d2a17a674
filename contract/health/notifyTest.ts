/** What became of a test message. */
export interface TestResult {
  /** Its number in `laterbase:health.notify`, from 1, and its kind, such as `notify 2 (slack)`. */
  target: string;
  sent: boolean;
  /** Why it was not sent, such as `ECONNREFUSED`, `HTTP 404` or `SMTP 535`. */
  code?: string;
  /** What went only partly well, in one sentence. */
  note?: string;
  seconds: number;
}
