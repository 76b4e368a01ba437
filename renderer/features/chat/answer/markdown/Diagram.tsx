import { type ReactNode, useEffect, useState } from 'react'
import type { Drawing } from '../../../../diagrams/diagram-wire.ts'
import { useTheme } from '../../../../store/use-theme.ts'
import { chatStrings } from '../../strings.ts'
import { drawDiagram } from './draw-diagram.ts'

export interface DiagramProps {
  readonly source: string
  /** The source as code: shown on demand, and where it is not a valid diagram. */
  readonly children: ReactNode
}

/** A Mermaid diagram as an image. An image can neither run nor load anything. */
export function Diagram({ source, children }: DiagramProps): ReactNode {
  const isDark = useTheme() === 'dark'
  const [drawn, setDrawn] = useState<Drawing | 'invalid' | null>(null)
  const [isSource, setIsSource] = useState(false)
  useEffect(() => {
    let isWanted = true
    // Without the frame, the source is as readable as code.
    void drawDiagram({ source, isDark })
      .catch(() => null)
      .then((drawing) => isWanted && setDrawn(drawing ?? 'invalid'))
    return () => void (isWanted = false)
  }, [source, isDark])
  if (drawn === null) return children
  if (drawn === 'invalid') {
    return (
      <>
        {children}
        <p className="muted small">{chatStrings.diagram.invalid}</p>
      </>
    )
  }
  const address = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(drawn.svg)}`
  return (
    <div className="diagram">
      {isSource ? (
        children
      ) : (
        <div className="diagram-picture" tabIndex={0} role="group" aria-label={chatStrings.diagram.name}>
          <img src={address} width={drawn.width} height={drawn.height} alt={drawn.title || chatStrings.diagram.drawnFrom(source)} />
        </div>
      )}
      <button type="button" className="button button-small" aria-pressed={isSource} onClick={() => setIsSource(!isSource)}>
        {chatStrings.diagram.source}
      </button>
    </div>
  )
}
