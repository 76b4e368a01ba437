import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { StoredMessage } from '../../../../main/shared/chats/chat.ts'
import { useClusterStore } from '../../../store/cluster-store.ts'
import { bytesText, formatCount, formatWait } from '../../../ui/format.ts'
import { chatStrings } from '../strings.ts'
import { useChatStore } from '../conversation/chat-store.ts'
import { answerWait, type AnswerWaitState, remainingMs } from './answer-wait.ts'

const labels = chatStrings.waits
const TICK_MS = 1_000
/** Shorter waits are not counted. */
const COUNTED_MS = 3_000

/** Tells what a running answer waits for; nothing while its text arrives. */
export function AnswerWait({ message }: { readonly message: StoredMessage }): ReactNode {
  const view = useClusterStore((state) => state.view)
  const prefill = useChatStore((state) => state.prefills[message.id])
  const [nowMs, setNowMs] = useState(() => Date.now())
  const startedMs = useRef(nowMs)
  const first = useRef<{ readonly kind: string; readonly done: number; readonly atMs: number } | null>(null)
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), TICK_MS)
    return () => clearInterval(timer)
  }, [])
  const wait = answerWait(view, message.modelId, prefill)
  const hasText = message.content !== '' || message.reasoning !== ''
  if (hasText && wait.kind !== 'recovering') return null
  const progress = 'done' in wait ? wait : null
  if (progress && first.current?.kind !== wait.kind) first.current = { kind: wait.kind, done: progress.done, atMs: nowMs }
  const leftMs = progress && first.current ? remainingMs(first.current, { ...progress, atMs: nowMs }) : null
  const waitedMs = nowMs - startedMs.current
  return (
    <p className="waiting" data-wait={wait.kind}>
      {textOf(wait)}
      {leftMs !== null ? ` · ${labels.left(formatWait(leftMs))}` : waitedMs >= COUNTED_MS && ` · ${formatWait(waitedMs)}`}
    </p>
  )
}

function textOf(wait: AnswerWaitState): string {
  switch (wait.kind) {
    case 'downloading':
      return labels.downloading(bytesText(wait.done), bytesText(wait.total))
    case 'loading':
      return labels.loading(Math.floor(wait.done * 100))
    case 'recovering':
      return labels.recovering(wait.machines)
    case 'queued':
      return labels.queued(wait.waiting)
    case 'reading':
      return labels.reading(formatCount(wait.done), formatCount(wait.total))
    case 'starting':
      return chatStrings.waiting
  }
}
