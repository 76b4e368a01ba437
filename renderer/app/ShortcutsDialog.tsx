import { Dialog } from 'radix-ui'
import type { ReactNode } from 'react'
import { strings } from '../ui/strings.ts'
import { setShortcutsShown, useShellStore } from './shell-store.ts'
import { SHORTCUTS, shortcutLabel } from './shortcuts.ts'
import { shortcutStrings } from './strings.ts'

/** Lists the keys. */
export function ShortcutsDialog(): ReactNode {
  const isOpen = useShellStore((state) => state.areShortcutsShown)
  const rows = [
    ...SHORTCUTS.map(({ id }) => ({ keys: shortcutLabel(id), name: shortcutStrings.names[id] })),
    ...shortcutStrings.inChat.map(([keys, name]) => ({ keys, name })),
  ]
  return (
    <Dialog.Root open={isOpen} onOpenChange={setShortcutsShown}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog dialog-small" aria-describedby={undefined}>
          <Dialog.Title>{shortcutStrings.title}</Dialog.Title>
          <dl className="shortcuts">
            {rows.map(({ keys, name }) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  <kbd>{keys}</kbd>
                </dd>
              </div>
            ))}
          </dl>
          <div className="dialog-actions">
            <Dialog.Close className="button">{strings.common.close}</Dialog.Close>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
