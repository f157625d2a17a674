import { z } from "zod";
import { mostRotations } from "../../contract/rotations";

const error = `must be a whole number from 1 to ${mostRotations}; \`npm run laterbase -- rotate\` writes it`;

/** `laterbase:rotations`. */
export const rotationsSchema = z
  .record(z.string(), z.int({ error }).min(1, error).max(mostRotations, error), {
    error: "must be an object such as { superuser: 1 }",
  })
  .meta({ values: "a whole number for each name" });
