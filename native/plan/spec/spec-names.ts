import type { SpecType } from './spec-type.ts'

export function snakeCase(name: string): string {
  return name.replace(/(?<=.)[A-Z]/g, '_$&').toLowerCase()
}

/** The C++ name of a type. */
export function cppTypeName(type: SpecType): string {
  return type.kind === 'enum' ? type.name : type.spec
}

/** The C++ function that reads a value of this type. */
export function readerName(type: SpecType): string {
  return `to_${snakeCase(cppTypeName(type).replace(/(?:Spec|Source)$/, ''))}`
}

/** Breaks a text between words into lines of at most `width` characters. */
export function wrapWords(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
