import type { ReactNode } from 'react'
import type { AnswerStats, StoredMessage } from '../../../../main/shared/chats/chat.ts'
import { formatClock, formatCount, formatDay, formatDuration, formatRate, shortModelName } from '../../../ui/format.ts'
import { StackedBar } from '../../../ui/StackedBar.tsx'
import { chatStrings } from '../strings.ts'
import { timeSpent } from './time-spent.ts'

const labels = chatStrings.time

export interface TimePanelProps {
  readonly message: StoredMessage
  readonly stats: AnswerStats
}

/** Where the time of an answer went, which model gave it, and when. */
export function TimePanel({ message, stats }: TimePanelProps): ReactNode {
  const { waitingMs, readingMs, writingMs } = timeSpent(stats)
  const rate = (tokensPerSecond: number): string =>
    tokensPerSecond > 0 ? `${formatRate(tokensPerSecond)} ${chatStrings.stats.decode}` : ''
  const parts = [
    { tone: 'neutral', name: labels.waiting, ms: waitingMs, detail: '' },
    { tone: 'accent', name: labels.reading(formatCount(stats.promptTokens)), ms: readingMs, detail: rate(stats.prefillTokensPerSecond) },
    {
      tone: 'success',
      name: labels.writing(formatCount(stats.completionTokens)),
      ms: writingMs,
      detail: rate(stats.decodeTokensPerSecond),
    },
  ] as const
  return (
    <section className="time-panel" aria-label={labels.show}>
      <StackedBar
        label={parts.map(({ name, ms }) => `${name} ${formatDuration(ms)}`).join(', ')}
        total={stats.totalMs}
        parts={parts.map(({ tone, name, ms }) => ({ tone, name, value: ms }))}
      />
      <ul>
        {parts.map(({ tone, name, ms, detail }) => (
          <li key={tone}>
            <span className={`time-swatch tone-${tone}`} aria-hidden="true" />
            {name} <b className="number">{formatDuration(ms)}</b> <span className="muted">{detail}</span>
          </li>
        ))}
      </ul>
      <p className="muted small">
        {labels.by(shortModelName(message.modelId ?? ''), `${formatDay(message.atMs)}, ${formatClock(message.atMs)}`)}
      </p>
    </section>
  )
}
