import type { Schedule } from "../../contract/schedule";

/** Schedules as the configuration parses them. */
export const hourly: Schedule = { text: "@hourly", fields: ["0", "*", "*", "*", "*"] };
export const daily: Schedule = { text: "@daily", fields: ["0", "0", "*", "*", "*"] };
export const yearly: Schedule = { text: "@yearly", fields: ["0", "0", "1", "1", "*"] };
