import { Popover } from 'radix-ui'
import { type KeyboardEvent, type ReactNode, useRef, useState } from 'react'
import type { StoredMessage } from '../../../../main/shared/chats/chat.ts'
import { AnswerTokens } from '../../../../main/shared/wire/api/chats.ts'
import { useResource } from '../../../services/use-resource.ts'
import { useServices } from '../../../services/services.ts'
import { ErrorNote } from '../../../ui/Notice.tsx'
import { HEAT_LEVELS, heatLevel } from './heat-level.ts'
import { tokenStrings } from './strings.ts'
import './tokens.css'

type Token = AnswerTokens['tokens'][number]

export interface TokenHeatMapProps {
  readonly chatId: string
  readonly message: StoredMessage
  readonly isChatBusy: boolean
}

/** An answer as tokens, each coloured by its probability, and the way to another answer from any of them. */
export function TokenHeatMap({ chatId, message, isChatBusy }: TokenHeatMapProps): ReactNode {
  const { data, error, reload } = useResource(`/chats/${chatId}/messages/${message.id}/tokens`, AnswerTokens)
  if (error && data === null) return <ErrorNote message={error.message} onRetry={reload} />
  if (data === null) return <p className="muted">{tokenStrings.loading}</p>
  return (
    <div className="heat-map">
      <p className="heat-legend muted small">
        <span>{tokenStrings.hint}</span>
        <span className="heat-scale" aria-hidden="true">
          {tokenStrings.scale[0]}
          {HEAT_LEVELS.map((level) => (
            <i key={level} className="heat-token" data-level={level} />
          ))}
          {tokenStrings.scale[1]}
        </span>
      </p>
      <Tokens message={message} tokens={data.tokens} isChatBusy={isChatBusy} />
    </div>
  )
}

const shareOf = ({ probability }: Pick<Token, 'probability'>): string =>
  probability === null ? tokenStrings.unknown : tokenStrings.percent(probability)

/** White space as something that one can see. */
const visible = (text: string): string => text.replaceAll('\n', '↵').replaceAll('\t', '⇥').replaceAll(' ', '·')

function Tokens({
  message,
  tokens,
  isChatBusy,
}: {
  readonly message: StoredMessage
  readonly tokens: readonly Token[]
  readonly isChatBusy: boolean
}): ReactNode {
  const { chat } = useServices()
  const [focused, setFocused] = useState(0)
  const [opened, setOpened] = useState<number | null>(null)
  const place = useRef<HTMLDivElement>(null)
  const onKeyDown = (event: KeyboardEvent): void => {
    const steps: Readonly<Record<string, number>> = { ArrowRight: focused + 1, ArrowLeft: focused - 1, Home: 0, End: tokens.length - 1 }
    const next = steps[event.key]
    if (next === undefined || opened !== null) return
    event.preventDefault()
    event.stopPropagation()
    const index = Math.min(Math.max(next, 0), tokens.length - 1)
    setFocused(index)
    place.current?.querySelectorAll<HTMLElement>('button')[index]?.focus()
  }
  const again = (index: number, text: string): void => {
    setOpened(null)
    const before = tokens.slice(0, index).map((token) => token.text)
    chat.answerFrom(message.id, [...before, text].join(''))
  }
  return (
    <div ref={place} className="heat-tokens" role="toolbar" aria-label={tokenStrings.map} onKeyDown={onKeyDown}>
      {tokens.map((token, index) => {
        const name = tokenStrings.token(visible(token.text), shareOf(token))
        const button = (
          <button
            type="button"
            className="heat-token"
            data-level={heatLevel(token.probability)}
            tabIndex={index === focused ? 0 : -1}
            aria-label={name}
            title={[name, ...token.alternatives.map((other) => `${visible(other.text)} ${shareOf(other)}`)].join('\n')}
            onFocus={() => setFocused(index)}
            onClick={() => setOpened(index)}
          >
            {token.text}
          </button>
        )
        if (index !== opened) return <span key={index}>{button}</span>
        return (
          <Popover.Root key={index} open onOpenChange={(isOpen) => setOpened(isOpen ? index : null)}>
            <Popover.Anchor asChild>
              <span>{button}</span>
            </Popover.Anchor>
            <Popover.Portal>
              <Popover.Content
                className="heat-popover"
                aria-label={name}
                sideOffset={6}
                collisionPadding={12}
                onCloseAutoFocus={(event) => {
                  event.preventDefault()
                  place.current?.querySelectorAll<HTMLElement>('button')[index]?.focus()
                }}
              >
                <Alternatives token={token} isChatBusy={isChatBusy} onAgain={(text) => again(index, text)} />
              </Popover.Content>
            </Popover.Portal>
          </Popover.Root>
        )
      })}
    </div>
  )
}

interface AlternativesProps {
  readonly token: Token
  readonly isChatBusy: boolean
  readonly onAgain: (text: string) => void
}

function Alternatives({ token, isChatBusy, onAgain }: AlternativesProps): ReactNode {
  return (
    <>
      <p className="heat-chosen">
        <code>{visible(token.text)}</code>
        <span className="number">{shareOf(token)}</span>
      </p>
      <button type="button" className="button button-small" disabled={isChatBusy} onClick={() => onAgain(token.text)}>
        {tokenStrings.sameAgain}
      </button>
      <p className="muted small">{token.alternatives.length === 0 ? tokenStrings.none : tokenStrings.alternatives}</p>
      {token.alternatives.length > 0 && (
        <ul>
          {token.alternatives.map((other) => (
            <li key={other.text}>
              <button type="button" className="heat-alternative" disabled={isChatBusy} onClick={() => onAgain(other.text)}>
                <span className="visually-hidden">{tokenStrings.againWith} </span>
                <code>{visible(other.text)}</code>
                <span className="number">{shareOf(other)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
