interface Node {
  readonly type: string
  readonly position?: { readonly start: { readonly offset?: number }; readonly end: { readonly offset?: number } }
  readonly children?: readonly Node[]
  data?: { hProperties?: Record<string, unknown> }
}

const OPENING = /^[ \t>]*(?:`{3,}|~{3,})/
const CLOSING = /\n[ \t>]*(?:`{3,}|~{3,})[ \t]*$/

/** Marks fenced code whose end has not arrived with `data-open`. */
export function markOpenFences() {
  return (tree: Node, { value }: { readonly value: unknown }): void => mark(tree, String(value))
}

function mark(node: Node, text: string): void {
  if (node.type === 'code') {
    const source = text.slice(node.position?.start.offset, node.position?.end.offset)
    if (OPENING.test(source) && !CLOSING.test(source))
      node.data = { ...node.data, hProperties: { ...node.data?.hProperties, 'data-open': 'true' } }
  }
  for (const child of node.children ?? []) mark(child, text)
}
