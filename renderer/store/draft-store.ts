import { z } from 'zod'
import { create } from 'zustand'
import type { KeyValueStore } from '../client/host.ts'

/** Texts that were written and not sent, by the id of their chat; a new chat's is under the empty id. */
const Drafts = z.record(z.string(), z.string())
type Drafts = z.infer<typeof Drafts>

const KEY = 'drafts'
const MOST_DRAFTS = 50
const MOST_CHARACTERS = 200_000
const SAVE_MS = 300

export const useDraftStore = create<{ readonly drafts: Drafts }>(() => ({ drafts: {} }))

export function setDraft(chatId: string | null, text: string): void {
  useDraftStore.setState(({ drafts: { [chatId ?? '']: _before, ...others } }) => ({
    drafts: text === '' ? others : { ...others, [chatId ?? '']: text },
  }))
}

/** Loads the stored drafts into the store and saves every change. @returns saves what is not saved yet */
export function keepDrafts(store: KeyValueStore): () => void {
  useDraftStore.setState({ drafts: read(store) })
  let timer: ReturnType<typeof setTimeout> | null = null
  const save = (): void => {
    if (timer === null) return
    clearTimeout(timer)
    timer = null
    const short = Object.entries(useDraftStore.getState().drafts).filter(([, text]) => text.length <= MOST_CHARACTERS)
    store.write(KEY, JSON.stringify(Object.fromEntries(short.slice(-MOST_DRAFTS))))
  }
  useDraftStore.subscribe(() => {
    timer ??= setTimeout(save, SAVE_MS)
  })
  return save
}

/** Damaged drafts count as missing. */
function read(store: KeyValueStore): Drafts {
  try {
    return Drafts.parse(JSON.parse(store.read(KEY) ?? '{}'))
  } catch {
    return {}
  }
}
