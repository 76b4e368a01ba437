import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useServices } from '../../../services/services.ts'
import { errorText } from '../../../client/error-text.ts'
import { CopyButton } from '../../../ui/CopyButton.tsx'
import { formatDuration, formatRate } from '../../../ui/format.ts'
import { Icon } from '../../../ui/Icon.tsx'
import { chatStrings } from '../strings.ts'
import { MOST_SCORED_CHARACTERS } from '../../../../main/shared/wire/api/chats.ts'
import type { AnswerStats, StoredMessage } from '../../../../main/shared/chats/chat.ts'
import { selectMessage, useChatStore } from '../conversation/chat-store.ts'
import { AttachmentChips } from '../attachments/AttachmentChips.tsx'
import { ReadAloudButton } from '../read-aloud/ReadAloudButton.tsx'
import { tokenStrings } from '../tokens/strings.ts'
import { AnswerWait } from './AnswerWait.tsx'
import { AnswerText } from './AnswerText.tsx'
import { MessageEditor } from './MessageEditor.tsx'
import { VersionSwitch } from './VersionSwitch.tsx'

const TokenHeatMap = lazy(async () => ({ default: (await import('../tokens/TokenHeatMap.tsx')).TokenHeatMap }))
const ToolCalls = lazy(async () => ({ default: (await import('../tools/ToolCalls.tsx')).ToolCalls }))
const DraftPanel = lazy(async () => ({ default: (await import('./DraftPanel.tsx')).DraftPanel }))
const VerdictPanel = lazy(async () => ({ default: (await import('./VerdictPanel.tsx')).VerdictPanel }))
const TimePanel = lazy(async () => ({ default: (await import('./TimePanel.tsx')).TimePanel }))

/** Longer questions are folded. */
const LONG_CHARACTERS = 2_000
const LONG_LINES = 24

export interface MessageProps {
  readonly messageId: string
  /** The model that answers next. */
  readonly modelId: string | null
  readonly isChatBusy: boolean
  /** Nothing follows it on the branch that is shown. */
  readonly isLast: boolean
  /** It stands beside the answer of another model: no other versions until one is kept. */
  readonly isCompared?: boolean
}

export function Message({ messageId, ...context }: MessageProps): ReactNode {
  const message = useChatStore(selectMessage(messageId))
  if (!message) return null
  return message.role === 'user' ? <Question message={message} {...context} /> : <Answer message={message} {...context} />
}

interface PartProps extends Omit<MessageProps, 'messageId'> {
  readonly message: StoredMessage
}

function Question({ message, modelId, isChatBusy }: PartProps): ReactNode {
  const { chat } = useServices()
  const isEditing = useChatStore((state) => state.editedId === message.id)
  const [isUnfolded, setIsUnfolded] = useState(false)
  const setIsEditing = (isOn: boolean): void => useChatStore.setState({ editedId: isOn ? message.id : null })
  const isLong = message.content.length > LONG_CHARACTERS || message.content.split('\n', LONG_LINES + 1).length > LONG_LINES
  const save = (text: string): void => {
    setIsEditing(false)
    if (modelId !== null) chat.editAndSend(message.id, text, modelId)
  }
  return (
    <article className="message question" aria-label={chatStrings.you}>
      {isEditing ? (
        <MessageEditor text={message.content} onSave={save} onCancel={() => setIsEditing(false)} />
      ) : (
        <>
          {message.attachments.length > 0 && <AttachmentChips attachments={message.attachments} />}
          {message.content !== '' && (
            <div className="question-text" data-folded={isLong && !isUnfolded}>
              {message.content}
            </div>
          )}
          {isLong && (
            <button type="button" className="button button-small" onClick={() => setIsUnfolded(!isUnfolded)}>
              {isUnfolded ? chatStrings.showLess : chatStrings.showAll}
            </button>
          )}
          <div className="message-actions">
            <VersionSwitch messageId={message.id} />
            <CopyButton label={chatStrings.copy} text={() => message.content} />
            <button
              type="button"
              className="icon-button"
              aria-label={chatStrings.edit}
              title={chatStrings.edit}
              disabled={isChatBusy}
              onClick={() => setIsEditing(true)}
            >
              <Icon name="edit" />
            </button>
          </div>
        </>
      )}
    </article>
  )
}

function Answer({ message, modelId, isChatBusy, isLast, isCompared = false }: PartProps): ReactNode {
  const { chat } = useServices()
  const isStreaming = message.status === 'streaming'
  const isThinking = isStreaming && message.content === ''
  const chatId = useChatStore((state) => state.activeId)
  const [isHeatWanted, setIsHeatWanted] = useState(false)
  const mayHeat =
    !isStreaming && !isCompared && chatId !== null && message.content.trim() !== '' && message.content.length <= MOST_SCORED_CHARACTERS
  const isHeat = isHeatWanted && mayHeat
  const [isTimeShown, setIsTimeShown] = useState(false)
  return (
    <article className="message answer" aria-label={chatStrings.assistant} aria-busy={isStreaming} data-status={message.status}>
      {message.ways !== null && (
        <Suspense fallback={null}>
          <DraftPanel ways={message.ways} />
        </Suspense>
      )}
      {message.reasoning !== '' && (
        <details className="reasoning" open={isThinking}>
          <summary>{isThinking ? chatStrings.thinking : chatStrings.thought}</summary>
          <AnswerText text={message.reasoning} />
        </details>
      )}
      {isHeat ? (
        <Suspense fallback={null}>
          <TokenHeatMap chatId={chatId} message={message} isChatBusy={isChatBusy} />
        </Suspense>
      ) : (
        <AnswerText text={message.content} />
      )}
      {message.calls.length > 0 && (
        <Suspense fallback={null}>
          <ToolCalls messageId={message.id} calls={message.calls} />
        </Suspense>
      )}
      {isStreaming && <AnswerWait message={message} />}
      {message.ways !== null && (
        <Suspense fallback={null}>
          <VerdictPanel ways={message.ways} isEnded={!isStreaming} />
        </Suspense>
      )}
      {message.status === 'failed' && (
        <p className="note note-danger">
          {message.content === '' ? chatStrings.failed : chatStrings.interrupted}
          {errorText(message.errorCode, message.error ?? '')}
        </p>
      )}
      {!isStreaming && (
        <div className="message-actions">
          {!isCompared && <VersionSwitch messageId={message.id} />}
          {message.content !== '' && (
            <>
              <CopyButton label={chatStrings.copy} text={() => message.content} />
              <ReadAloudButton isChatBusy={isChatBusy} />
              {mayHeat && (
                <button
                  type="button"
                  className="icon-button"
                  aria-label={tokenStrings.show}
                  aria-pressed={isHeat}
                  title={tokenStrings.show}
                  onClick={() => setIsHeatWanted(!isHeat)}
                >
                  <Icon name="heat" />
                </button>
              )}
            </>
          )}
          {message.stats && (
            <button
              type="button"
              className="icon-button"
              aria-label={chatStrings.time.show}
              aria-pressed={isTimeShown}
              title={chatStrings.time.show}
              onClick={() => setIsTimeShown(!isTimeShown)}
            >
              <Icon name="activity" />
            </button>
          )}
          {!isCompared && (
            <button
              type="button"
              className="icon-button"
              aria-label={chatStrings.regenerate}
              title={chatStrings.regenerate}
              disabled={isChatBusy || modelId === null}
              onClick={() => modelId !== null && chat.regenerate(message.id, modelId)}
            >
              <Icon name="again" />
            </button>
          )}
          {isLast && message.content !== '' && message.status !== 'complete' && (
            <button type="button" className="button button-small" disabled={isChatBusy} onClick={() => chat.continue(message.id)}>
              {chatStrings.continue}
            </button>
          )}
          <p className="stats">
            {message.status === 'stopped' && <span>{chatStrings.stopped}</span>}
            {message.status === 'cut' && <span>{chatStrings.cut}</span>}
            {message.status === 'interrupted' && <span>{chatStrings.interruptedByEnd}</span>}
            {message.status === 'complete' && message.content === '' && message.calls.length === 0 && (
              <span>{chatStrings.saidNothing}</span>
            )}
            {message.stats && <Stats stats={message.stats} />}
          </p>
        </div>
      )}
      {!isStreaming && isTimeShown && message.stats && (
        <Suspense fallback={null}>
          <TimePanel message={message} stats={message.stats} />
        </Suspense>
      )}
    </article>
  )
}

function Stats({ stats }: { readonly stats: AnswerStats }): ReactNode {
  const { completionTokens, promptTokens, decodeTokensPerSecond, ttftMs } = stats
  const labels = chatStrings.stats
  return (
    <>
      <span>
        <b>{formatRate(decodeTokensPerSecond)}</b> {labels.decode}
      </span>
      <span>
        {labels.ttft} <b>{formatDuration(ttftMs)}</b>
      </span>
      <span title={`${promptTokens} ${labels.prompt}`}>
        <b>{completionTokens}</b> {labels.tokens}
      </span>
    </>
  )
}
