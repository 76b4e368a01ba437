import type { ReactNode } from 'react'
import { StackedBar } from '../../ui/StackedBar.tsx'
import { type ClusterMemory, fitOf, neededBytes } from './model-fit.ts'
import { memoryText } from '../../ui/format.ts'
import { modelStrings } from './strings.ts'

const TONES = { fits: 'success', tight: 'warning', never: 'danger', unknown: 'neutral' } as const

/** How much of the free memory a model would take. */
export function ModelFit({ weightBytes, memory }: { readonly weightBytes: number; readonly memory: ClusterMemory }): ReactNode {
  const fit = fitOf(weightBytes, memory)
  const labels = modelStrings.fit
  const text =
    fit === 'never'
      ? labels.never(memoryText(neededBytes(weightBytes) - memory.totalBytes))
      : fit === 'tight'
        ? labels.tight(memoryText(neededBytes(weightBytes) - memory.freeBytes))
        : labels.fits(memoryText(memory.freeBytes))
  return (
    <span className="fit" data-fit={fit}>
      <StackedBar
        label={labels.meter(memoryText(weightBytes), memoryText(memory.freeBytes))}
        total={Math.max(memory.freeBytes, weightBytes)}
        parts={[{ name: 'weights', value: weightBytes, tone: TONES[fit] }]}
      />
      <span className="small muted number-text">{text}</span>
    </span>
  )
}
