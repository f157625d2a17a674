import { ownerNumber } from "../../../contract/names";
import type { PrimarySettings } from "../settings";
import { isOf, recordOf } from "./observation";
import { observePrimary } from "./observe";
import type { ObservationPlace } from "./place";

/**
 * The number by which a primary knows its owner: eight hexadecimal digits behind the owner's name. Undefined
 * where the primary has no record of this owner, or does not answer.
 *
 * @param owner the owner without its number, such as `laterbase/dev`
 */
export async function recordedOwner(
  place: ObservationPlace,
  settings: PrimarySettings,
  owner: string,
): Promise<string | undefined> {
  const observation = await observePrimary(place, settings, []);
  const record = recordOf(observation?.role?.comment);
  if (!record || !isOf(record, owner)) return undefined;
  return ownerNumber(record.owner);
}
