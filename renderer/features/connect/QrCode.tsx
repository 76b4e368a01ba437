import type { ReactNode } from 'react'
import { encode } from 'uqr'

/** Light modules that readers need around a code. */
const QUIET_MODULES = 4

/** A QR code. It is dark on light in both themes, since many readers need that. @param label - what it holds, for screen readers */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  const { data, size } = encode(text, { ecc: 'M', border: QUIET_MODULES })
  const path = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : []))).join('')
  return (
    <svg className="qr-code" role="img" aria-label={label} viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges">
      <path d={path} />
    </svg>
  )
}
