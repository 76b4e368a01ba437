import type { ShellState } from '../shared/wire/shell/shell.ts'

/** The single state of the shell. Every view of it is notified of each change. */
export interface ShellStateStore {
  current(): ShellState
  change(part: Partial<ShellState>): void
  onChange(listener: (state: ShellState, previous: ShellState) => void): void
}

export function createShellStateStore(initial: ShellState): ShellStateStore {
  let state = initial
  const listeners: ((state: ShellState, previous: ShellState) => void)[] = []
  return {
    current: () => state,
    change(part) {
      const previous = state
      state = { ...state, ...part }
      for (const listener of listeners) listener(state, previous)
    },
    onChange: (listener) => void listeners.push(listener),
  }
}
