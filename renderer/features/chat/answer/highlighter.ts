import { useSyncExternalStore } from 'react'
import type rehypeHighlight from 'rehype-highlight'

type Highlighter = typeof rehypeHighlight

let highlighter: Highlighter | null = null
let isAsked = false
const listeners = new Set<() => void>()

/** Loads what colours code, with the first code that is shown. */
export function loadHighlighter(): void {
  if (isAsked) return
  isAsked = true
  import('rehype-highlight').then(
    (loaded) => {
      highlighter = loaded.default
      for (const listener of listeners) listener()
    },
    // Code is readable without colours. The next code tries again.
    () => {
      isAsked = false
    },
  )
}

/** null: not loaded yet. */
export function useHighlighter(): Highlighter | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => highlighter,
    () => highlighter,
  )
}
