import type { ReactNode } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { useClusterStore } from '../../store/cluster-store.ts'
import { ErrorNote } from '../../ui/Notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import type { ClusterMemory } from './model-fit.ts'
import type { ModelGroup } from './model-groups.ts'
import { modelStatus } from './model-status.ts'
import { ModelButton } from './ModelButton.tsx'
import { ModelBadge } from './ModelBadge.tsx'
import { type BestModel, bestModels } from './recommended-models.ts'
import { ModelSpeed } from './speed/ModelSpeed.tsx'
import { modelStrings } from './strings.ts'

/** For each use, the best model that these machines can run now. */
export function BestModels({ groups, memory }: { readonly groups: readonly ModelGroup[]; readonly memory: ClusterMemory }): ReactNode {
  const best = bestModels(groups, memory)
  if (best.length === 0) return null
  return (
    <section className="model-section" aria-label={modelStrings.best.title}>
      <h2>{modelStrings.best.title}</h2>
      <ul className="best-models">
        {best.map((model) => (
          <BestCard key={model.use} best={model} />
        ))}
      </ul>
    </section>
  )
}

function BestCard({ best: { use, name, variant } }: { readonly best: BestModel }): ReactNode {
  const action = useAction()
  const status = useClusterStore(useShallow((state) => modelStatus(state.view, variant.modelId)))
  return (
    <li className="best-model" aria-label={modelStrings.best.uses[use]}>
      <p className="muted small">{modelStrings.best.uses[use]}</p>
      <p className="best-name">{name}</p>
      <p className="small muted">
        {variant.label} <ModelBadge model={variant} status={status} /> {!variant.loaded && <ModelSpeed modelId={variant.modelId} />}
      </p>
      <ModelButton model={variant} status={status} action={action} />
      {action.error !== null && <ErrorNote message={action.error} />}
    </li>
  )
}
