interface Node {
  id: number
  readonly children: Map<number, Node>
}

/** A trie of texts by UTF-16 units, to find all that start at a position. */
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

  /** The texts that start at a position, shortest first. */
  *startingAt(text: string, at: number): Generator<{ readonly id: number; readonly end: number }> {
    let node: Node | undefined = this.#root
    for (let end = at; end < text.length; ) {
      node = node.children.get(text.charCodeAt(end++))
      if (!node) return
      if (node.id >= 0) yield { id: node.id, end }
    }
  }

  /** Length of the longest text at a position; 0: none. */
  longestAt(text: string, at: number): number {
    let length = 0
    for (const { end } of this.startingAt(text, at)) length = end - at
    return length
  }
}
