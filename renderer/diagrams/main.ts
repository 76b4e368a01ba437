import mermaid from 'mermaid'
import { z } from 'zod'
import { DiagramOrder, type Drawing } from './diagram-wire.ts'

// The frame's content security policy forbids eval, which zod would otherwise use.
z.config({ jitless: true })

const MOST_EDGES = 500
let drawn = 0

/** null: it is not a valid diagram. */
async function draw({ source, isDark }: DiagramOrder): Promise<Drawing | null> {
  mermaid.initialize({
    startOnLoad: false,
    // Diagrams of models are untrusted: no HTML, no links, no scripts.
    securityLevel: 'strict',
    // A diagram cannot change these by its own directives.
    secure: ['secure', 'securityLevel', 'startOnLoad', 'maxTextSize', 'maxEdges', 'htmlLabels', 'themeCSS', 'fontFamily', 'layout'],
    maxTextSize: DiagramOrder.shape.source.maxLength ?? 0,
    maxEdges: MOST_EDGES,
    suppressErrorRendering: true,
    htmlLabels: false,
    layout: 'dagre',
    theme: isDark ? 'dark' : 'neutral',
    fontFamily: "-apple-system, BlinkMacSystemFont, 'Segoe UI', 'Noto Sans', system-ui, sans-serif",
  })
  const place = document.getElementById('place') ?? document.body
  try {
    drawn += 1
    const { svg } = await mermaid.render(`diagram-${drawn}`, source, place)
    return toDrawing(svg)
  } catch {
    return null
  } finally {
    place.replaceChildren()
  }
}

/** As a document of its own, which an image can show. */
function toDrawing(svg: string): Drawing | null {
  const template = document.createElement('template')
  template.innerHTML = svg
  const root = template.content.querySelector('svg')
  const [, , width = 0, height = 0] = (root?.getAttribute('viewBox') ?? '').split(/[\s,]+/).map(Number)
  if (!root || !(width > 0) || !(height > 0)) return null
  root.setAttribute('width', String(width))
  root.setAttribute('height', String(height))
  root.style.maxWidth = ''
  // An image leads nowhere.
  for (const link of root.querySelectorAll('a')) for (const name of ['href', 'xlink:href']) link.removeAttribute(name)
  const title = root.querySelector('title')?.textContent ?? ''
  return { svg: new XMLSerializer().serializeToString(root), title: title.slice(0, 1_000), width, height }
}

/** One at a time, since they share the configuration. */
let earlier: Promise<unknown> = Promise.resolve()
addEventListener('message', ({ data, origin, ports: [port] }) => {
  if (origin !== location.origin || !port) return
  const order = DiagramOrder.safeParse(data)
  const drawing = earlier.then(() => (order.success ? draw(order.data) : null))
  earlier = drawing
  void drawing.then((result) => port.postMessage({ drawing: result }))
})
