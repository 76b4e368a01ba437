import { type ReactNode, useState } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { reasonText } from '../../client/error-text.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { bytesText, formatContext } from '../../ui/format.ts'
import { ErrorNote } from '../../ui/Notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { type ClusterMemory, fitOf, preferredVariant } from './model-fit.ts'
import type { ModelGroup } from './model-groups.ts'
import { modelStatus } from './model-status.ts'
import { ModelButton } from './ModelButton.tsx'
import { ModelFit } from './ModelFit.tsx'
import { ModelMenu } from './ModelMenu.tsx'
import { ModelBadge } from './ModelBadge.tsx'
import { ModelSpeed } from './speed/ModelSpeed.tsx'
import { modelStrings } from './strings.ts'

export interface ModelGroupRowProps {
  readonly group: ModelGroup
  readonly memory: ClusterMemory
  /** Called after model files were deleted. */
  readonly onChange: () => void
}

/** One model with its quantizations, its state, and what can be done with it. */
export function ModelGroupRow({ group, memory, onChange }: ModelGroupRowProps): ReactNode {
  const labels = modelStrings
  const [chosenId, setChosenId] = useState<string | null>(null)
  const [told, setTold] = useState<string | null>(null)
  const action = useAction()
  const model = group.variants.find(({ modelId }) => modelId === chosenId) ?? preferredVariant(group.variants, memory)
  const status = useClusterStore(useShallow((state) => modelStatus(state.view, model?.madeFrom ?? model?.modelId ?? '')))
  if (!model) return null
  const { card } = model
  const ownContext = card ? formatContext(card.contextTokens) : null
  const context =
    model.contextTokens !== undefined && card && model.contextTokens < card.contextTokens
      ? labels.contextOf(formatContext(model.contextTokens), formatContext(card.contextTokens))
      : ownContext !== null && labels.context(ownContext)
  return (
    <li className="model" aria-label={group.name}>
      <div className="model-head">
        <div className="model-name">
          <h3>
            {group.name} <ModelBadge model={model} status={status} />
          </h3>
          <p className="muted small">
            {[model.modelId, ...model.aliases, ...(model.madeFrom === undefined ? [] : [labels.madeFrom(model.madeFrom)])].join(' · ')}
          </p>
        </div>
        <div className="view-actions">
          <ModelButton model={model} status={status} action={action} />
          <ModelMenu name={group.name} model={model} status={status} action={action} onChange={onChange} onTell={setTold} />
        </div>
      </div>
      <div className="model-facts">
        {group.variants.length > 1 ? (
          <div className="segments segments-small" role="group" aria-label={labels.quantization(group.name)}>
            {group.variants.map(({ modelId, label, isHere }) => (
              <button key={modelId} type="button" aria-pressed={modelId === model.modelId} onClick={() => setChosenId(modelId)}>
                {label}
                {isHere && <span className="dot-here" title={labels.here} />}
              </button>
            ))}
          </div>
        ) : (
          card && <span className="badge">{group.variants[0]?.label}</span>
        )}
        {card && <span className="number-text">{bytesText(card.weightBytes)}</span>}
        {context !== false && <span>{context}</span>}
        {model.capabilities
          .filter((capability) => capability in labels.capabilities)
          .map((capability) => (
            <span key={capability} className="badge">
              {labels.capabilities[capability as keyof typeof labels.capabilities]}
            </span>
          ))}
        {card?.isMultimodal && (
          <span className="badge" title={labels.textOnlyHint}>
            {labels.textOnly}
          </span>
        )}
        {model.origin === 'cluster' && (
          <span className="badge" title={labels.fromClusterHint}>
            {labels.fromCluster}
          </span>
        )}
        {card?.license !== undefined && <span className="muted small">{labels.license(card.license)}</span>}
        {card && !model.loaded && <ModelFit weightBytes={card.weightBytes} memory={memory} />}
        {card && !model.loaded && fitOf(card.weightBytes, memory) === 'fits' && <ModelSpeed modelId={model.modelId} />}
      </div>
      {status.kind === 'failed' && status.reason !== null && <ErrorNote message={reasonText(status.reason)} />}
      {told !== null && (
        <p className="note" role="status">
          {told}
        </p>
      )}
      {action.error !== null && <ErrorNote message={action.error} />}
    </li>
  )
}
