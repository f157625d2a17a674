import { Size } from "../schema/primitives";

/** `slotRetention` of a primary of either kind. */
export const SlotRetention = Size.default("10GB").meta({
  description:
    "PostgreSQL's `max_slot_wal_keep_size`: how much WAL the primary keeps on its disk for a standby that is away. At least 256MB. PostgreSQL manual 20.6.1.",
  change: "A reload applies a change.",
  example: "10GB",
});
