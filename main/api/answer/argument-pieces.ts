/** Short enough for a client to read at once. */
const PIECE_CHARACTERS = 2048

/** Splits the arguments of a call into pieces, because streaming clients expect long arguments in several. */
export function argumentPieces(argumentsJson: string): string[] {
  const pieces: string[] = []
  for (let at = 0; at < argumentsJson.length; ) {
    let end = Math.min(argumentsJson.length, at + PIECE_CHARACTERS)
    // A surrogate pair is not split.
    if (/[\ud800-\udbff]/.test(argumentsJson[end - 1] ?? '') && end < argumentsJson.length) end += 1
    pieces.push(argumentsJson.slice(at, end))
    at = end
  }
  return pieces
}
