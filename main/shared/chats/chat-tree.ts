import type { StoredMessage } from './chat.ts'

type Branching = Pick<StoredMessage, 'id' | 'parentId'>

/** The messages from the first question to `leafId`, in order; empty: there is no such message. */
export function pathTo<Message extends Branching>(messages: readonly Message[], leafId: string | null): Message[] {
  const byId = new Map(messages.map((message) => [message.id, message]))
  const path: Message[] = []
  for (let at = byId.get(leafId ?? ''); at && path.length <= messages.length; at = byId.get(at.parentId ?? '')) path.push(at)
  return path.reverse()
}

/** The end of the newest branch below a message, which is the message itself if nothing follows it. Later messages are newer. */
export function newestLeaf(messages: readonly Branching[], fromId: string | null): string | null {
  const newestChild = new Map(messages.map(({ id, parentId }) => [parentId, id]))
  let leaf = fromId
  for (let steps = 0; steps <= messages.length; steps += 1) {
    const child = newestChild.get(leaf)
    if (child === undefined) return leaf
    leaf = child
  }
  return leaf
}

/** The versions of a message, oldest first, itself included. */
export function siblingVersions<Message extends Branching>(messages: readonly Message[], messageId: string): Message[] {
  const message = messages.find(({ id }) => id === messageId)
  return message ? messages.filter(({ parentId }) => parentId === message.parentId) : []
}

/** Two answers that are compared, and nothing follows either; null: the last message of the branch stands alone. */
export function comparedPair<Message extends Branching & Pick<StoredMessage, 'besideId'>>(
  messages: readonly Message[],
  leafId: string | null,
): readonly [Message, Message] | null {
  const other = messages.find(({ id, besideId }) => besideId !== null && (id === leafId || besideId === leafId))
  const first = messages.find(({ id }) => id === other?.besideId)
  if (!first || !other || first.parentId !== other.parentId) return null
  const isFollowed = messages.some(({ parentId }) => parentId === first.id || parentId === other.id)
  return isFollowed ? null : [first, other]
}

/** Whether each parent stands before its children, and no id occurs twice. */
export function isTree(messages: readonly Branching[]): boolean {
  const known = new Set<string>()
  return messages.every(({ id, parentId }) => {
    const isSound = !known.has(id) && (parentId === null || known.has(parentId))
    known.add(id)
    return isSound
  })
}
