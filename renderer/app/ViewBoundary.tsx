import { Component, type ReactNode } from 'react'
import { EmptyState } from '../ui/Notice.tsx'
import { crashStrings } from './strings.ts'

interface ViewBoundaryState {
  readonly hasFailed: boolean
}

/** Contains an error thrown by one view, so that the others keep working. */
export class ViewBoundary extends Component<{ readonly children: ReactNode }, ViewBoundaryState> {
  override state: ViewBoundaryState = { hasFailed: false }

  static getDerivedStateFromError(): ViewBoundaryState {
    return { hasFailed: true }
  }

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children
    const action = (
      <button type="button" className="button" onClick={() => this.setState({ hasFailed: false })}>
        {crashStrings.reload}
      </button>
    )
    return (
      <EmptyState title={crashStrings.title} action={action}>
        {crashStrings.body}
      </EmptyState>
    )
  }
}
