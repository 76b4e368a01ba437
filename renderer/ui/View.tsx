import type { ReactNode } from 'react'

export interface ViewProps {
  readonly title: string
  readonly body?: string
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** The frame of a view: title, description, actions. */
export function View({ title, body, actions, children }: ViewProps): ReactNode {
  return (
    <div className="view">
      <header className="view-head">
        <div>
          <h1>{title}</h1>
          {body && <p>{body}</p>}
        </div>
        {actions && <div className="view-actions">{actions}</div>}
      </header>
      {children}
    </div>
  )
}

export interface PanelProps {
  readonly title?: string
  readonly aside?: ReactNode
  readonly children: ReactNode
}

export function Panel({ title, aside, children }: PanelProps): ReactNode {
  return (
    <section className="panel" aria-label={title}>
      {title && (
        <div className="panel-head">
          <h2>{title}</h2>
          {aside}
        </div>
      )}
      {children}
    </section>
  )
}
