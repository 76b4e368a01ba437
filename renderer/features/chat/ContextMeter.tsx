import type { ReactNode } from 'react'
import { formatContext } from '../../ui/format.ts'
import { chatStrings } from './strings.ts'
import { selectUsedTokens, useChatStore } from './conversation/chat-store.ts'

/** From this share on, the end of the context is near. */
const NEAR_RATIO = 0.8

/** How much of the model's context the chat has used; nothing before the first answer. */
export function ContextMeter({ contextTokens }: { readonly contextTokens: number | undefined }): ReactNode {
  const used = useChatStore(selectUsedTokens)
  if (used === null || contextTokens === undefined) return null
  const ratio = Math.min(1, used / contextTokens)
  const isNear = ratio >= NEAR_RATIO
  return (
    <span className="context-meter" data-near={isNear}>
      <meter aria-label={chatStrings.context} min={0} max={1} high={NEAR_RATIO} optimum={0} value={ratio} />
      {chatStrings.contextUsed(formatContext(used), formatContext(contextTokens))}
      {isNear && ` · ${chatStrings.contextNear}`}
    </span>
  )
}
