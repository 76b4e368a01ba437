import { useSyncExternalStore } from 'react'

/** A part of the page that is loaded when it is first needed. */
export interface LaterPart<Part> {
  /** Loads it, unless it is there or on its way. */
  load(): void
  /** null: it is not loaded yet. */
  current(): Part | null
  onLoad(listener: () => void): () => void
}

export function loadLater<Part>(load: () => Promise<Part>): LaterPart<Part> {
  const listeners = new Set<() => void>()
  let part: Part | null = null
  let isAsked = false
  return {
    load() {
      if (isAsked) return
      isAsked = true
      load().then(
        (loaded) => {
          part = loaded
          for (const listener of listeners) listener()
        },
        // The text is readable without it. The next text that needs it tries again.
        () => {
          isAsked = false
        },
      )
    },
    current: () => part,
    onLoad(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** null: it is not loaded yet. */
export function useLater<Part>(later: LaterPart<Part>): Part | null {
  return useSyncExternalStore(later.onLoad, later.current, later.current)
}
