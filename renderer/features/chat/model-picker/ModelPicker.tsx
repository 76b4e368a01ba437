import { Popover } from 'radix-ui'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useClusterStore } from '../../../store/cluster-store.ts'
import { selectModelStates } from '../../../store/select-cluster.ts'
import { shortModelName } from '../../../ui/format.ts'
import { Icon } from '../../../ui/Icon.tsx'
import { strings } from '../../../ui/strings.ts'
import type { OfferedModel } from '../../models/model-listing.ts'
import { chatStrings } from '../strings.ts'

const ModelChoices = lazy(async () => ({ default: (await import('./ModelChoices.tsx')).ModelChoices }))

export interface ModelPickerProps {
  /** What the model is for: `Model`, `Model to compare with`. */
  readonly label: string
  readonly models: readonly OfferedModel[]
  readonly modelId: string | null
  readonly onModel: (modelId: string) => void
}

/** Names the model of a chat and its state, and opens the list of all others. */
export function ModelPicker({ label, models, modelId, onModel }: ModelPickerProps): ReactNode {
  const [isOpen, setIsOpen] = useState(false)
  const isLoaded = models.some((model) => model.modelId === modelId && model.loaded)
  const known = useClusterStore((state) => (modelId === null ? undefined : selectModelStates(state)[modelId]))
  const state = known ?? (isLoaded ? 'ready' : undefined)
  return (
    <Popover.Root open={isOpen} onOpenChange={setIsOpen}>
      <Popover.Trigger className="model-picker" disabled={models.length === 0}>
        <span className="visually-hidden">{label}: </span>
        {modelId !== null && <span className="dot" data-model={state ?? 'idle'} aria-hidden="true" />}
        <span className="model-picker-name">{modelId === null ? strings.common.none : shortModelName(modelId)}</span>
        {modelId !== null && state !== 'ready' && (
          <span className="muted small"> {state === undefined ? chatStrings.notLoaded : chatStrings.modelStates[state]}</span>
        )}
        <Icon name="chevron" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="menu model-choices" align="start" sideOffset={6} collisionPadding={12} aria-label={label}>
          <Suspense fallback={<p className="muted">{strings.common.loading}</p>}>
            <ModelChoices
              models={models}
              modelId={modelId}
              onModel={(chosen) => {
                setIsOpen(false)
                onModel(chosen)
              }}
              onLeave={() => setIsOpen(false)}
            />
          </Suspense>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}
