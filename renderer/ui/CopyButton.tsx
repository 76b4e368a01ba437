import { type ReactNode, useEffect, useState } from 'react'
import { useServices } from '../services/services.ts'
import { Icon } from './Icon.tsx'
import { strings } from './strings.ts'

export interface CopyButtonProps {
  readonly label: string
  readonly text: () => string
}

const SHOWN_MS = 1500

/** Copies a text and shows whether that worked. */
export function CopyButton({ label, text }: CopyButtonProps): ReactNode {
  const { host } = useServices()
  const [outcome, setOutcome] = useState<'copied' | 'failed' | null>(null)
  useEffect(() => {
    if (outcome === null) return
    const timer = setTimeout(() => setOutcome(null), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [outcome])
  const copy = (): void => {
    host.copyText(text()).then(
      () => setOutcome('copied'),
      () => setOutcome('failed'),
    )
  }
  return (
    <button type="button" className="icon-button" aria-label={label} title={label} onClick={copy}>
      <Icon name={outcome === 'copied' ? 'check' : outcome === 'failed' ? 'warning' : 'copy'} />
      <span className="visually-hidden" role="status">
        {outcome === null ? '' : strings.common[outcome]}
      </span>
    </button>
  )
}
