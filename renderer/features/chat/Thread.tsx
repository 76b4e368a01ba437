import { type KeyboardEvent, lazy, type ReactNode, Suspense, useCallback, useEffect, useRef, useState } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { useClusterStore } from '../../store/cluster-store.ts'
import { selectMachinesOf } from '../../store/select-cluster.ts'
import { shortModelName } from '../../ui/format.ts'
import { Icon } from '../../ui/Icon.tsx'
import { strings } from '../../ui/strings.ts'
import { chatStrings } from './strings.ts'
import { selectComparedIds, selectMessageIds, useChatStore } from './conversation/chat-store.ts'
import { Message } from './answer/Message.tsx'
import { SpokenAnswer } from './answer/SpokenAnswer.tsx'

const ComparedAnswers = lazy(async () => ({ default: (await import('./answer/ComparedAnswers.tsx')).ComparedAnswers }))

export interface ThreadProps {
  readonly modelId: string | null
  /** Nothing has been asked yet. */
  readonly isNew: boolean
  readonly isStreaming: boolean
  readonly onAsk: (text: string) => void
  /** Keeps one of two compared answers. */
  readonly onKeep: (answerId: string, modelId: string | null) => void
}

/** How close to the end the reader must be for the view to follow new text. */
const FOLLOW_PIXELS = 80

export function Thread({ modelId, isNew, isStreaming, onAsk, onKeep }: ThreadProps): ReactNode {
  const messageIds = useChatStore(useShallow(selectMessageIds))
  const comparedIds = useChatStore(useShallow(selectComparedIds))
  const isEmpty = messageIds.length === 0
  const lastId = messageIds.at(-1)
  const scroller = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const isFollowing = useRef(true)
  const lastTop = useRef(0)
  const [isBehind, setIsBehind] = useState(false)
  const follow = useCallback(() => {
    const element = scroller.current
    if (!element || !isFollowing.current) return
    element.scrollTop = element.scrollHeight
    lastTop.current = element.scrollTop
  }, [])
  useEffect(() => {
    if (!content.current) return
    const observer = new ResizeObserver(follow)
    observer.observe(content.current)
    return () => observer.disconnect()
  }, [follow, isEmpty])
  const goToLatest = useCallback(() => {
    isFollowing.current = true
    setIsBehind(false)
    follow()
  }, [follow])
  useEffect(goToLatest, [goToLatest, lastId])
  const onScroll = (): void => {
    const element = scroller.current
    if (!element) return
    const isNearEnd = element.scrollHeight - element.scrollTop - element.clientHeight < FOLLOW_PIXELS
    // Text that grows before this event comes also leaves the view behind; only the reader moves it up.
    if (isNearEnd || element.scrollTop < lastTop.current) isFollowing.current = isNearEnd
    lastTop.current = element.scrollTop
    setIsBehind(!isFollowing.current)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'End' || event.ctrlKey || event.shiftKey || event.altKey || event.metaKey || isTextField(event.target)) return
    event.preventDefault() // the browser would glide to where the end was
    goToLatest()
  }
  if (messageIds.length === 0) return isNew ? <Suggestions modelId={modelId} onAsk={onAsk} /> : <p className="thread-place muted" />
  return (
    <div className="thread-place">
      <div
        ref={scroller}
        className="thread"
        onScroll={onScroll}
        onKeyDown={onKeyDown}
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={strings.routes.chat}
      >
        <div ref={content} className="thread-content">
          {(comparedIds.length > 0 ? messageIds.slice(0, -1) : messageIds).map((messageId) => (
            <Message key={messageId} messageId={messageId} modelId={modelId} isChatBusy={isStreaming} isLast={messageId === lastId} />
          ))}
          {comparedIds.length > 0 && (
            <Suspense fallback={null}>
              <ComparedAnswers ids={comparedIds} onKeep={onKeep} />
            </Suspense>
          )}
        </div>
      </div>
      {isBehind && (
        <button type="button" className="latest-button" aria-label={chatStrings.latest} onClick={goToLatest}>
          <Icon name="down" />
        </button>
      )}
      <SpokenAnswer />
    </div>
  )
}

/** There, End moves the caret. */
const isTextField = (target: EventTarget): boolean => target instanceof Element && target.matches('textarea, input, select')

function Suggestions({ modelId, onAsk }: { readonly modelId: string | null; readonly onAsk: (text: string) => void }): ReactNode {
  const machines = useClusterStore(selectMachinesOf(modelId))
  const name = modelId === null ? '' : shortModelName(modelId)
  return (
    <div className="suggestions">
      <h2>{chatStrings.emptyTitle}</h2>
      {modelId !== null && (
        <p className="muted">{machines === 0 ? chatStrings.emptyBody(name) : chatStrings.emptyBodyOn(name, machines)}</p>
      )}
      <ul>
        {chatStrings.suggestions.map((suggestion) => (
          <li key={suggestion}>
            <button type="button" className="suggestion" disabled={modelId === null} onClick={() => onAsk(suggestion)}>
              {suggestion}
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}
