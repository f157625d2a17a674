import type { Located } from "./located";

/** A line that is not yet written, with the resources that it explains. */
export interface Draft {
  subject: string;
  changes: string[];
  covered: Located[];
  /** What people should know that the changes themselves do not say. */
  notes?: string[];
  /** In place of what the covered changes do. */
  effects?: string[];
}
