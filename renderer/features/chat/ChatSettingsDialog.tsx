import { Dialog } from 'radix-ui'
import { lazy, type ReactNode, Suspense } from 'react'
import { Icon } from '../../ui/Icon.tsx'
import { strings } from '../../ui/strings.ts'
import type { ChatSettingsFormProps } from './ChatSettingsForm.tsx'
import { chatStrings } from './strings.ts'

const ChatSettingsForm = lazy(async () => ({ default: (await import('./ChatSettingsForm.tsx')).ChatSettingsForm }))

/** The dialog itself is there at once, so that Esc closes it and does not stop an answer. */
export function ChatSettingsDialog(props: ChatSettingsFormProps): ReactNode {
  return (
    <Dialog.Root>
      <Dialog.Trigger className="icon-button" aria-label={chatStrings.settings} title={chatStrings.settings}>
        <Icon name="settings" />
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog">
          <Dialog.Title>{chatStrings.settings}</Dialog.Title>
          <Dialog.Description>{chatStrings.settingsBody}</Dialog.Description>
          <Suspense fallback={<p className="muted">{strings.common.loading}</p>}>
            <ChatSettingsForm {...props} />
          </Suspense>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
