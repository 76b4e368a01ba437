/** Follows text that arrives in pieces, to find where its first object or list ends. */
export interface JsonEnd {
  /** @returns true once the value has ended, and from then on */
  push(text: string): boolean
}

export function findJsonEnd(): JsonEnd {
  let depth = 0
  let isInString = false
  let isEscaped = false
  let hasEnded = false
  return {
    push: (text) => {
      for (const character of text) {
        if (hasEnded) break
        if (isInString) {
          if (isEscaped) isEscaped = false
          else if (character === '\\') isEscaped = true
          else if (character === '"') isInString = false
        } else if (character === '"') isInString = depth > 0
        else if (character === '{' || character === '[') depth += 1
        else if ((character === '}' || character === ']') && depth > 0) {
          depth -= 1
          hasEnded = depth === 0
        }
      }
      return hasEnded
    },
  }
}
