import { type ReactNode, useEffect, useMemo } from 'react'
import { formulas } from './formulas.ts'
import { useLater } from '../load-later.ts'

export interface FormulaProps {
  /** Without delimiters. */
  readonly tex: string
  readonly isDisplay: boolean
  /** Shown while it cannot be set. */
  readonly children: ReactNode
}

export function Formula({ tex, isDisplay, children }: FormulaProps): ReactNode {
  const setFormula = useLater(formulas)
  useEffect(() => formulas.load(), [])
  const element = useMemo(() => setFormula?.(tex, isDisplay) ?? null, [setFormula, tex, isDisplay])
  if (element === null) return children
  return (
    <span
      className="formula"
      data-display={isDisplay}
      tabIndex={isDisplay ? 0 : undefined}
      ref={(place) => place?.replaceChildren(element)}
    />
  )
}
