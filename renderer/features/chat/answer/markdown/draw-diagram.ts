import { DiagramAnswer, type DiagramOrder, type Drawing } from '../../../../diagrams/diagram-wire.ts'

const LONGEST_DRAWING_MS = 15_000
const LONGEST_START_MS = 30_000
const MOST_KEPT = 40

let frame: Promise<Window> | null = null
const kept = new Map<string, Promise<Drawing | null>>()

/**
 * Draws a Mermaid diagram in a hidden frame with a policy of its own: Mermaid needs styles in its elements, which the page
 * forbids, and the frame may neither load nor send anything.
 *
 * @returns null: it is not a valid diagram
 * @throws if the frame does not start or answer
 */
export function drawDiagram(order: DiagramOrder): Promise<Drawing | null> {
  const key = JSON.stringify(order)
  const known = kept.get(key)
  if (known) return known
  const drawing = ask(order)
  kept.set(key, drawing)
  drawing.catch(() => kept.delete(key))
  for (const oldest of [...kept.keys()].slice(0, -MOST_KEPT)) kept.delete(oldest)
  return drawing
}

async function ask(order: DiagramOrder): Promise<Drawing | null> {
  frame ??= openFrame()
  const target = await frame.catch((error: unknown) => {
    frame = null
    throw error
  })
  const { port1: port, port2 } = new MessageChannel()
  try {
    return await within(LONGEST_DRAWING_MS, (resolve) => {
      port.onmessage = ({ data }) => resolve(DiagramAnswer.safeParse(data).data?.drawing ?? null)
      target.postMessage(order, location.origin, [port2])
    })
  } finally {
    port.close()
  }
}

function openFrame(): Promise<Window> {
  const element = document.createElement('iframe')
  element.className = 'diagram-frame'
  element.title = 'Diagrams'
  element.tabIndex = -1
  element.setAttribute('aria-hidden', 'true')
  element.setAttribute('sandbox', 'allow-scripts allow-same-origin')
  element.src = '/dashboard/diagrams'
  const opened = within<Window>(LONGEST_START_MS, (resolve, reject) => {
    element.onload = () => (element.contentWindow ? resolve(element.contentWindow) : reject(new Error('The frame has no window.')))
  })
  document.body.append(element)
  return opened.catch((error: unknown) => {
    element.remove()
    throw error
  })
}

function within<Result>(
  limitMs: number,
  start: (resolve: (result: Result) => void, reject: (error: Error) => void) => void,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The frame that draws diagrams does not answer.')), limitMs)
    start(
      (result) => (clearTimeout(timer), resolve(result)),
      (error) => (clearTimeout(timer), reject(error)),
    )
  })
}
