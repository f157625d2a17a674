import { z } from "zod";

/** The majors that the images know. */
export const Version = z.literal([13, 14, 15, 16, 17, 18], {
  error: "must be PostgreSQL's major version: 13, 14, 15, 16, 17 or 18",
});
