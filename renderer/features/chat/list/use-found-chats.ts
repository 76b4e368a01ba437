import { useEffect, useState } from 'react'
import { useServices } from '../../../services/services.ts'
import { ChatList } from '../../../../main/shared/wire/api/chats.ts'
import type { ListedChat } from '../conversation/chat-store.ts'

const WAIT_MS = 200

/** The chats with these words, found by the node; null: nothing is sought, or the answer is not here yet. */
export function useFoundChats(words: string, listed: readonly ListedChat[] | null): readonly ListedChat[] | null {
  const { api } = useServices()
  const [found, setFound] = useState<readonly ListedChat[] | null>(null)
  useEffect(() => {
    if (words === '') {
      setFound(null)
      return
    }
    const abort = new AbortController()
    const timer = setTimeout(() => {
      api.get(`/chats?search=${encodeURIComponent(words)}`, ChatList, abort.signal).then(
        ({ chats }) => setFound(chats),
        () => {
          // Without the node, the titles of the list are searched.
          if (!abort.signal.aborted) setFound((listed ?? []).filter(({ title }) => title.toLowerCase().includes(words.toLowerCase())))
        },
      )
    }, WAIT_MS)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [api, words, listed])
  return words === '' ? null : found
}
