import { type ReactNode, useId, useState } from 'react'
import type { ClusterMemory } from './model-fit.ts'
import type { ModelGroup } from './model-groups.ts'
import { ModelGroupRow } from './ModelGroupRow.tsx'
import { modelStrings } from './strings.ts'

export interface ModelSectionProps {
  /** null: the place above it has the title. */
  readonly title: string | null
  readonly groups: readonly ModelGroup[]
  /** More than this many are shown on demand. */
  readonly most?: number | undefined
  readonly memory: ClusterMemory
  readonly onChange: () => void
}

/** A titled list of models; nothing if it is empty. */
export function ModelSection({ title, groups, most, memory, onChange }: ModelSectionProps): ReactNode {
  const [areAllShown, setAreAllShown] = useState(false)
  const titleId = useId()
  if (groups.length === 0) return null
  const shown = areAllShown || most === undefined ? groups : groups.slice(0, most)
  return (
    <section className="model-section" aria-labelledby={title === null ? undefined : titleId}>
      {title !== null && <h2 id={titleId}>{title}</h2>}
      <ul className="model-list">
        {shown.map((group) => (
          <ModelGroupRow key={group.key} group={group} memory={memory} onChange={onChange} />
        ))}
      </ul>
      {shown.length < groups.length && (
        <button type="button" className="button show-more" onClick={() => setAreAllShown(true)}>
          {modelStrings.showAll(groups.length)}
        </button>
      )}
    </section>
  )
}
