import type { ReactNode } from 'react'
import { rangeEnds } from '../../../ui/format.ts'
import type { PossibleWay } from './placement-preview.ts'
import { modelStrings } from '../strings.ts'

/** The predicted speed of a placement, or why there is no prediction. */
export function PlacementSpeed({ speed }: { readonly speed: NonNullable<PossibleWay['speed']> }): ReactNode {
  if ('unknown' in speed) return <p className="muted small">{speed.unknown}</p>
  const answers = speed.decode.flatMap(({ contextTokens, tokensPerSecond }) =>
    tokensPerSecond ? [modelStrings.placement.answers(...rangeEnds(tokensPerSecond), contextTokens)] : [],
  )
  return <p className="small">{[...answers, modelStrings.placement.firstToken(...rangeEnds(speed.firstTokenSeconds))].join(' · ')}</p>
}
