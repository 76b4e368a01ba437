import type { ReactNode } from 'react'
import { strings } from './strings.ts'

export interface EmptyStateProps {
  readonly title: string
  readonly children?: ReactNode
  readonly action?: ReactNode
}

/** What an empty view shows, with the way to fill it. */
export function EmptyState({ title, children, action }: EmptyStateProps): ReactNode {
  return (
    <div className="empty-state">
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {action}
    </div>
  )
}

/** An error with a button to try again. */
export function ErrorNote({ message, onRetry }: { readonly message: string; readonly onRetry?: () => void }): ReactNode {
  return (
    <div className="note note-danger" role="alert">
      <span>{message}</span>
      {onRetry && (
        <button type="button" className="button" onClick={onRetry}>
          {strings.common.retry}
        </button>
      )}
    </div>
  )
}
