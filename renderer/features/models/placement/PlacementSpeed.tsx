import type { ReactNode } from 'react'
import type { SpeedRange } from '../../../../main/shared/speed/speed-forecast.ts'
import type { PossibleWay } from './placement-preview.ts'
import { modelStrings } from '../strings.ts'

/** The predicted speed of a placement, or why there is no prediction. */
export function PlacementSpeed({ speed }: { readonly speed: NonNullable<PossibleWay['speed']> }): ReactNode {
  if ('unknown' in speed) return <p className="muted small">{speed.unknown}</p>
  const answers = speed.decode.flatMap(({ contextTokens, tokensPerSecond }) =>
    tokensPerSecond ? [modelStrings.placement.answers(...endsOf(tokensPerSecond), contextTokens)] : [],
  )
  return <p className="small">{[...answers, modelStrings.placement.firstToken(...endsOf(speed.firstTokenSeconds))].join(' · ')}</p>
}

function endsOf({ low, high }: SpeedRange): [low: string, high: string] {
  const digits = high < 10 ? 1 : 0
  return [low.toFixed(digits), high.toFixed(digits)]
}
