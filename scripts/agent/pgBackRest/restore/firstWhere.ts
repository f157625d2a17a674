/**
 * The first of `count` places where something holds that holds everywhere after it; `count` where it holds nowhere.
 * It looks around a guess first.
 */
export async function firstWhere(
  count: number,
  guess: number,
  holds: (index: number) => Promise<boolean>,
): Promise<number> {
  let [low, high] = [0, count];
  const look = async (index: number) => {
    if (index < low || index >= high) return;
    if (await holds(index)) high = index;
    else low = index + 1;
  };
  for (const near of [guess - 2, guess + 2]) await look(near);
  while (low < high) await look(Math.floor((low + high) / 2));
  return low;
}
