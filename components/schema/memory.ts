import { Size } from "./primitives";

/** The memory of a server. The rules between keys know the least that works. */
export const Memory = Size.optional().meta({
  description:
    "The most memory that the server's container gets. `shared_buffers` is a quarter of it, `effective_cache_size` three quarters, and `maintenance_work_mem` a sixteenth, up to 1GB.",
  change: "A change restarts the server.",
  unset: "2GB, with `shared_buffers` of 256MB and PostgreSQL's defaults for the others",
  example: "4GB",
});
