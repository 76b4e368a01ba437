import { type ClipboardEvent, type KeyboardEvent, lazy, type ReactNode, Suspense, useEffect, useRef } from 'react'
import { Icon } from '../../ui/Icon.tsx'
import { AttachButton } from './attachments/AttachButton.tsx'
import { attachmentStrings } from './attachments/strings.ts'
import { chatStrings } from './strings.ts'

const DictateButton = lazy(async () => ({ default: (await import('./dictation/DictateButton.tsx')).DictateButton }))
/** Few browsers recognize speech at all. */
const mayDictate = 'SpeechRecognition' in globalThis

export interface ComposerProps {
  readonly text: string
  readonly onText: (text: string) => void
  readonly isStreaming: boolean
  readonly isDisabled: boolean
  readonly onSend: (text: string) => void
  readonly onStop: () => void
  /** @returns whether there is a question to edit */
  readonly onEditLast: () => boolean
  readonly onFiles: (files: readonly File[]) => void
  /** Whether the question has files, with which it needs no text. */
  readonly hasFiles: boolean
  /** The files, above the box. */
  readonly files?: ReactNode
  /** What stands below the box in place of the keys. */
  readonly children?: ReactNode
}

/** A longer text that is pasted becomes a file. */
const LONG_PASTE_CHARACTERS = 4_000

/** The box for the question. Esc stops the answer from anywhere in the chat, unless it closes something on top of it. */
export function Composer({
  text,
  onText,
  isStreaming,
  isDisabled,
  onSend,
  onStop,
  onEditLast,
  onFiles,
  hasFiles,
  files,
  children,
}: ComposerProps): ReactNode {
  const field = useRef<HTMLTextAreaElement>(null)
  const canSend = !isStreaming && !isDisabled && (text.trim() !== '' || hasFiles)
  useEffect(() => field.current?.focus(), [])
  useEffect(() => {
    const stopOnEscape = (event: globalThis.KeyboardEvent): void => {
      if (event.key === 'Escape' && isStreaming && !event.defaultPrevented && !isElsewhere(event.target)) onStop()
    }
    addEventListener('keydown', stopOnEscape)
    return () => removeEventListener('keydown', stopOnEscape)
  }, [isStreaming, onStop])
  const send = (): void => {
    if (canSend) onSend(text.trim())
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowUp' && text === '' && !isStreaming && onEditLast()) return event.preventDefault()
    // In an input method, Enter confirms a word and does not send the message.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    send()
  }
  const onPaste = (event: ClipboardEvent): void => {
    const pasted = [...event.clipboardData.files]
    const words = event.clipboardData.getData('text/plain')
    // A copied cell of a table comes as a picture too.
    if (words.length > LONG_PASTE_CHARACTERS) onFiles([new File([words], attachmentStrings.pasted, { type: 'text/plain' })])
    else if (pasted.length > 0 && words === '') onFiles(pasted)
    else return
    event.preventDefault()
  }
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      {files}
      <div className="composer-box">
        <AttachButton onFiles={onFiles} />
        <textarea
          ref={field}
          rows={1}
          aria-label={chatStrings.input}
          placeholder={chatStrings.placeholder}
          value={text}
          onChange={(event) => onText(event.target.value)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
        {mayDictate && (
          <Suspense fallback={null}>
            <DictateButton onText={(said) => onText(text === '' || /\s$/.test(text) ? text + said : `${text} ${said}`)} />
          </Suspense>
        )}
        {isStreaming ? (
          <button type="button" className="round-button" aria-label={chatStrings.stop} title={chatStrings.stop} onClick={onStop}>
            <Icon name="stop" />
          </button>
        ) : (
          <button type="submit" className="round-button" aria-label={chatStrings.send} title={chatStrings.send} disabled={!canSend}>
            <Icon name="send" />
          </button>
        )}
      </div>
      <p className="composer-hint">{children ?? chatStrings.hint}</p>
    </form>
  )
}

/** A dialog, a menu or another field takes Esc for itself. */
function isElsewhere(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest('[role="dialog"], [role="menu"], [role="alertdialog"], .message-editor, select, input') !== null
  )
}
