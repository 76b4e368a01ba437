import type { ReactNode } from 'react'
import { z } from 'zod'
import { goToChat } from '../../services/chat-address.ts'
import { useServices } from '../../services/services.ts'
import { useSettingsStore } from '../../store/settings-store.ts'
import type { Action } from '../../ui/use-action.ts'
import type { CatalogueRow } from './model-listing.ts'
import type { ModelStatus } from './model-status.ts'
import { bytesText, formatWait } from '../../ui/format.ts'
import { modelStrings } from './strings.ts'

export interface ModelButtonProps {
  readonly model: CatalogueRow
  readonly status: ModelStatus
  readonly action: Action
}

/** The next step with a model: chat with it, load it, or get it. */
export function ModelButton({ model, status, action }: ModelButtonProps): ReactNode {
  const { api } = useServices()
  const labels = modelStrings
  const { modelId, madeFrom, card, isHere, loaded } = model
  const hubRate = useSettingsStore(({ hubBytesPerSecond }) => hubBytesPerSecond)
  if (status.kind === 'ready' || (status.kind === 'idle' && loaded))
    return (
      <button
        type="button"
        className="button button-primary"
        onClick={() => {
          useSettingsStore.setState({ lastModelId: modelId })
          goToChat(null)
        }}
      >
        {labels.chat}
      </button>
    )
  if (status.kind !== 'idle' && status.kind !== 'failed') return null
  const load = (): void => action.run(() => api.post('/place_instance', { model_id: madeFrom ?? modelId }, z.unknown()))
  return (
    <button type="button" className={isHere ? 'button button-primary' : 'button'} disabled={action.isRunning} onClick={load}>
      {isHere ? labels.load : card ? labels.get(costOf(card.weightBytes, hubRate)) : labels.getUnknown}
    </button>
  )
}

/** `4.5 GB, 6 min`: the time only where the speed of downloads is known. */
const costOf = (bytes: number, bytesPerSecond: number | null): string =>
  bytesPerSecond === null ? bytesText(bytes) : `${bytesText(bytes)}, ${formatWait((1000 * bytes) / bytesPerSecond)}`
