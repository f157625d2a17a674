import { changes, onOrdinaryDays, samples, year } from "../../support/scheduleOccurrences";

// Every schedule of the samples over a whole year. What this does not prove: schedules of others.
describe.each(Object.keys(changes))(
  "over a year in %s, Ofelia runs a schedule when cron does",
  (zone) => {
    it.each(samples)("%s", (schedule) => {
      const { cron, ofelia } = onOrdinaryDays(schedule, zone, year);
      expect(ofelia).toEqual(cron);
    });
  },
);
