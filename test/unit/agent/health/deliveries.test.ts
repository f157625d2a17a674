import { Deliveries } from "../../../../scripts/agent/health/kit/deliveries";
import { DeliveryFailure } from "../../../../scripts/agent/health/kit/deliveryFailure";

const noon = Date.parse("2026-11-30T12:00:00Z");
const day = 86_400_000;
const turns = () => new Promise((resolve) => setImmediate(resolve));

/** A target that refuses the first attempt, and wants to be left alone for a minute. */
function deliveriesTo(sent: string[], clock: () => number) {
  return new Deliveries<string>({
    ...{ name: "notify 1 (webhook)", clock, log: () => undefined },
    bound: (waiting) => [...waiting],
    changed: () => Promise.resolve(),
    send: (item) => {
      sent.push(item);
      return sent.length === 1
        ? Promise.reject(new DeliveryFailure("HTTP 429", false, 60_000))
        : Promise.resolve(undefined);
    },
  });
}

let wall: jest.SpyInstance<number, []>;
beforeEach(() => (wall = jest.spyOn(Date, "now").mockReturnValue(noon)));
afterEach(() => wall.mockRestore());

it("waits as long as the target asks for, also where the clock is set back meanwhile", async () => {
  const sent: string[] = [];
  let now = 1000;
  const deliveries = deliveriesTo(sent, () => now);
  deliveries.add("one");
  deliveries.go();
  await turns();
  expect(deliveries.state()).toMatchObject({ items: ["one"], nextAt: noon + 60_000 });
  wall.mockReturnValue(noon - 365 * day);
  now += 59_999;
  deliveries.go();
  await turns();
  expect(sent).toEqual(["one"]);
  now += 1;
  deliveries.go();
  await turns();
  expect([sent, deliveries.state().items]).toEqual([["one", "one"], []]);
  await deliveries.stop();
});
