import type { ReactNode } from 'react'
import { formatMemory } from '../../../main/shared/formats/byte-size.ts'
import { StackedBar } from '../../ui/StackedBar.tsx'
import { type ClusterMemory, fitOf } from './model-fit.ts'
import { modelStrings } from './strings.ts'

const TONES = { fits: 'success', tight: 'warning', never: 'danger', unknown: 'neutral' } as const

/** How much of the free memory a model would take. */
export function ModelFit({ weightBytes, memory }: { readonly weightBytes: number; readonly memory: ClusterMemory }): ReactNode {
  const fit = fitOf(weightBytes, memory)
  const labels = modelStrings.fit
  const text =
    fit === 'never'
      ? labels.never(formatMemory(weightBytes - memory.totalBytes))
      : fit === 'tight'
        ? labels.tight(formatMemory(weightBytes - memory.freeBytes))
        : labels.fits(formatMemory(memory.freeBytes))
  return (
    <span className="fit" data-fit={fit}>
      <StackedBar
        label={labels.meter(formatMemory(weightBytes), formatMemory(memory.freeBytes))}
        total={Math.max(memory.freeBytes, weightBytes)}
        parts={[{ name: 'weights', value: weightBytes, tone: TONES[fit] }]}
      />
      <span className="small muted number-text">{text}</span>
    </span>
  )
}
