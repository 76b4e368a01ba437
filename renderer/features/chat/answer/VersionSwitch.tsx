import type { ReactNode } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { useServices } from '../../../services/services.ts'
import { Icon } from '../../../ui/Icon.tsx'
import { chatStrings } from '../strings.ts'
import { selectVersions, useChatStore } from '../conversation/chat-store.ts'

/** Leads to the other versions of a question or an answer; nothing where there is only one. */
export function VersionSwitch({ messageId }: { readonly messageId: string }): ReactNode {
  const { chat } = useServices()
  const versions = useChatStore(useShallow(selectVersions(messageId)))
  if (versions.length < 2) return null
  const index = versions.indexOf(messageId)
  const step = (label: string, icon: 'back' | 'forward', target: string | undefined): ReactNode => (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      title={label}
      disabled={target === undefined}
      onClick={() => target !== undefined && chat.showVersion(target)}
    >
      <Icon name={icon} />
    </button>
  )
  return (
    <span className="version-switch" role="group" aria-label={chatStrings.versions}>
      {step(chatStrings.earlierVersion, 'back', versions[index - 1])}
      <span className="number">{chatStrings.versionOf(index + 1, versions.length)}</span>
      {step(chatStrings.laterVersion, 'forward', versions[index + 1])}
    </span>
  )
}
