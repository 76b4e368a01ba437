import { availableParallelism } from 'node:os'

/**
 * Does some work for each item, as many at once as the machine has cores, and at least `least`.
 *
 * @template Item
 * @param {readonly Item[]} items - started in this order
 * @param {(item: Item) => Promise<void>} work
 */
export async function inParallel(items, work, least = 1) {
  const waiting = items.values()
  const workNext = async () => {
    for (const item of waiting) await work(item)
  }
  await Promise.all(Array.from({ length: Math.max(least, availableParallelism()) }, workNext))
}
