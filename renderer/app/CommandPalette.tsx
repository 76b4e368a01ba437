import { Dialog } from 'radix-ui'
import { type ReactNode, useState } from 'react'
import { useChatStore } from '../features/chat/conversation/chat-store.ts'
import { useModels } from '../features/models/model-listing.ts'
import { goToChat } from '../services/chat-address.ts'
import { ThemeChoice, useSettingsStore } from '../store/settings-store.ts'
import { shortModelName } from '../ui/format.ts'
import { SearchList } from '../ui/SearchList.tsx'
import { strings } from '../ui/strings.ts'
import { findCommands, type PaletteCommand } from './palette-commands.ts'
import { addressOf, places } from './routes.ts'
import { setPaletteOpen, useShellStore } from './shell-store.ts'
import { SHORTCUTS, shortcutLabel } from './shortcuts.ts'
import { paletteStrings, shortcutStrings } from './strings.ts'
import { SHORTCUT_ACTS } from './use-shortcuts.ts'

/** Finds and does anything by its name: views, chats, models, settings. */
export function CommandPalette(): ReactNode {
  const isOpen = useShellStore((state) => state.isPaletteOpen)
  return (
    <Dialog.Root open={isOpen} onOpenChange={setPaletteOpen}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog palette" aria-describedby={undefined}>
          <Dialog.Title className="visually-hidden">{paletteStrings.title}</Dialog.Title>
          <Palette />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function Palette(): ReactNode {
  const [text, setText] = useState('')
  const commands = findCommands(useCommands(), text)
  return (
    <SearchList
      label={paletteStrings.title}
      placeholder={paletteStrings.placeholder}
      text={text}
      onText={setText}
      items={commands}
      onChoose={(command) => {
        setPaletteOpen(false)
        command.act()
      }}
      nothing={paletteStrings.nothing}
      renderItem={({ group, label, keys }) => (
        <>
          <span className="muted">{group}</span> <span className="palette-label">{label}</span>
          {keys !== '' && <kbd>{keys}</kbd>}
        </>
      )}
    />
  )
}

function useCommands(): PaletteCommand[] {
  const chats = useChatStore((state) => state.listed) ?? []
  const models = useModels().data?.models ?? []
  const { groups } = paletteStrings
  return [
    ...places.flat().map((route) => ({
      id: `view ${route}`,
      group: groups.view,
      label: strings.routes[route],
      keys: route === 'settings' ? shortcutLabel('settings') : '',
      act: () => {
        location.hash = addressOf(route)
      },
    })),
    ...SHORTCUTS.filter(({ id }) => id !== 'palette' && id !== 'settings').map(({ id }) => ({
      id,
      group: groups.command,
      label: shortcutStrings.names[id],
      keys: shortcutLabel(id),
      act: SHORTCUT_ACTS[id],
    })),
    ...models.map(({ modelId }) => ({
      id: `model ${modelId}`,
      group: groups.model,
      label: shortModelName(modelId),
      keys: '',
      act: () => {
        useSettingsStore.setState({ lastModelId: modelId })
        goToChat(null)
      },
    })),
    ...ThemeChoice.options.map((theme) => ({
      id: `theme ${theme}`,
      group: groups.theme,
      label: paletteStrings.themes[theme],
      keys: '',
      act: () => useSettingsStore.setState({ theme }),
    })),
    ...chats.map(({ id, title }) => ({
      id: `chat ${id}`,
      group: groups.chat,
      label: title === '' ? paletteStrings.untitled : title,
      keys: '',
      act: () => goToChat(id),
    })),
  ]
}
