import { type DragEvent, type ReactNode, useEffect, useState } from 'react'
import { attachmentStrings } from './strings.ts'

export interface DropZoneProps {
  readonly className: string
  readonly onFiles: (files: readonly File[]) => void
  readonly children: ReactNode
}

const hasFiles = (transfer: DataTransfer | null): boolean => transfer?.types.includes('Files') === true

/** Takes files that are dropped on it. Beside it, a drop does nothing: the browser would leave the page for the file. */
export function DropZone({ className, onFiles, children }: DropZoneProps): ReactNode {
  const [isOver, setIsOver] = useState(false)
  useEffect(() => {
    const stay = (event: globalThis.DragEvent): void => {
      if (hasFiles(event.dataTransfer)) event.preventDefault()
    }
    addEventListener('dragover', stay)
    addEventListener('drop', stay)
    return () => {
      removeEventListener('dragover', stay)
      removeEventListener('drop', stay)
    }
  }, [])
  const onDrop = (event: DragEvent): void => {
    setIsOver(false)
    if (!hasFiles(event.dataTransfer)) return
    event.preventDefault()
    onFiles([...event.dataTransfer.files])
  }
  return (
    <div
      className={className}
      onDragOver={(event) => setIsOver(hasFiles(event.dataTransfer))}
      onDragLeave={(event) => {
        if (!(event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget))) setIsOver(false)
      }}
      onDrop={onDrop}
    >
      {children}
      {isOver && <p className="drop-hint">{attachmentStrings.drop}</p>}
    </div>
  )
}
