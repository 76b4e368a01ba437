interface Node {
  id: number
  readonly children: Map<number, Node>
}

/** Texts by their UTF-16 units, to find all that begin at a place. */
export class PieceTrie {
  readonly #root: Node = { id: -1, children: new Map() }

  add(text: string, id: number): void {
    let node = this.#root
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at)
      let child = node.children.get(unit)
      if (!child) node.children.set(unit, (child = { id: -1, children: new Map() }))
      node = child
    }
    node.id = id
  }

  /** Those that stand at a place, the shortest first. */
  *startingAt(text: string, at: number): Generator<{ readonly id: number; readonly end: number }> {
    let node: Node | undefined = this.#root
    for (let end = at; end < text.length; ) {
      node = node.children.get(text.charCodeAt(end++))
      if (!node) return
      if (node.id >= 0) yield { id: node.id, end }
    }
  }

  /** Length of the longest that stands at a place; 0: none. */
  longestAt(text: string, at: number): number {
    let length = 0
    for (const { end } of this.startingAt(text, at)) length = end - at
    return length
  }
}
