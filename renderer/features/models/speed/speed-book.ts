import { type ExpectedSpeed, MOST_EXPECTED } from '../../../../main/shared/speed/expected-speed.ts'

/** The expected speeds of the models that are on the screen. */
export interface SpeedBook {
  /** Asks for the speed of a model once, together with the others that are wanted at about the same time. */
  want(modelId: string): void
  /** null: not known, or not yet. */
  speedOf(modelId: string): ExpectedSpeed | null
  subscribe(listener: () => void): () => void
}

export interface SpeedBookPorts {
  /** Answers with the speeds that are known. */
  readonly ask: (modelIds: readonly string[]) => Promise<Readonly<Record<string, ExpectedSpeed>>>
  /** Calls `then` soon. */
  readonly soon: (then: () => void) => void
}

export function createSpeedBook({ ask, soon }: SpeedBookPorts): SpeedBook {
  const wanted = new Set<string>()
  const waiting: string[] = []
  const speeds = new Map<string, ExpectedSpeed>()
  const listeners = new Set<() => void>()
  let isAsking = false
  const askNext = async (): Promise<void> => {
    while (waiting.length > 0) {
      // A node that cannot answer leaves the rows without a speed; their other figures hold.
      const known = await ask(waiting.splice(0, MOST_EXPECTED)).catch(() => ({}))
      for (const [modelId, speed] of Object.entries(known)) speeds.set(modelId, speed)
      for (const listener of listeners) listener()
    }
    isAsking = false
  }
  return {
    want(modelId) {
      if (wanted.has(modelId)) return
      wanted.add(modelId)
      waiting.push(modelId)
      if (isAsking) return
      isAsking = true
      soon(() => void askNext())
    },
    speedOf: (modelId) => speeds.get(modelId) ?? null,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
