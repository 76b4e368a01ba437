import { type ReactNode, useEffect, useRef, useSyncExternalStore } from 'react'
import { rangeEnds } from '../../../ui/format.ts'
import { strings } from '../../../ui/strings.ts'
import { modelStrings } from '../strings.ts'
import { useSpeedBook } from './SpeedBookProvider.tsx'

/** How fast a model would answer on these machines. It is asked for once it is on the screen; nothing if it is not known. */
export function ModelSpeed({ modelId }: { readonly modelId: string }): ReactNode {
  const book = useSpeedBook()
  const place = useRef<HTMLSpanElement>(null)
  const speed = useSyncExternalStore(book.subscribe, () => book.speedOf(modelId))
  useEffect(() => {
    if (!place.current) return
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return
      book.want(modelId)
      observer.disconnect()
    })
    observer.observe(place.current)
    return () => observer.disconnect()
  }, [book, modelId])
  const labels = modelStrings.speed
  return (
    <span ref={place} className="number-text" title={speed ? labels.expected(strings.common.machines(speed.machines)) : undefined}>
      {speed && labels.rate(...rangeEnds(speed.tokensPerSecond))}
    </span>
  )
}
