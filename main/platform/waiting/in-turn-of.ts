import { type InTurn, takeTurns } from './take-turns.ts'

interface Queue {
  readonly inTurn: InTurn
  waiting: number
}

const queues = new Map<string, Queue>()

/** Runs one operation at a time per path, whichever part of the process it comes from. */
export async function inTurnOf<Result>(path: string, act: () => Result | Promise<Result>): Promise<Result> {
  const queue = queues.get(path) ?? { inTurn: takeTurns(), waiting: 0 }
  queues.set(path, queue)
  queue.waiting++
  try {
    return await queue.inTurn(act)
  } finally {
    if (--queue.waiting === 0) queues.delete(path)
  }
}
