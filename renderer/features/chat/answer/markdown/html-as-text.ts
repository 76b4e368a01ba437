/** A node of a markdown tree, as remark makes it. */
interface TreeNode {
  type: string
  value?: string
  children?: TreeNode[]
}

const FLOW = new Set(['root', 'blockquote', 'list', 'listItem', 'footnoteDefinition'])

/** A remark plug-in: a block of HTML becomes a paragraph of its text, with the space around it that paragraphs have. */
export const htmlAsText = () => (tree: TreeNode) => change(tree)

function change(node: TreeNode): void {
  if (!node.children || !FLOW.has(node.type)) return
  node.children = node.children.map((child) =>
    child.type === 'html' ? { type: 'paragraph', children: [{ type: 'text', value: child.value ?? '' }] } : child,
  )
  node.children.forEach(change)
}
