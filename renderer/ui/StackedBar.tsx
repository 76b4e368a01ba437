import type { CSSProperties, ReactNode } from 'react'

export interface BarPart {
  readonly name: string
  readonly value: number
  readonly tone: 'accent' | 'neutral' | 'warning' | 'danger' | 'success'
}

export interface StackedBarProps {
  /** The bar's content in words. */
  readonly label: string
  readonly total: number
  readonly parts: readonly BarPart[]
}

/** A bar that shows the parts of a whole. */
export function StackedBar({ label, total, parts }: StackedBarProps): ReactNode {
  return (
    <div className="bar" role="img" aria-label={label}>
      {parts
        .filter(({ value }) => value > 0)
        .map(({ name, value, tone }) => (
          <span
            key={name}
            className={`bar-part tone-${tone}`}
            style={{ '--share': total > 0 ? Math.min(1, value / total) : 0 } as CSSProperties}
          />
        ))}
    </div>
  )
}
