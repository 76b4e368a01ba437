/** No longer than what a client reads at once. */
const PIECE_CHARACTERS = 2048

/** The arguments of a call as a stream sends them: in pieces, as clients expect long ones. */
export function argumentPieces(argumentsJson: string): string[] {
  const pieces: string[] = []
  for (let at = 0; at < argumentsJson.length; ) {
    let end = Math.min(argumentsJson.length, at + PIECE_CHARACTERS)
    // A pair of surrogates stays together.
    if (/[\ud800-\udbff]/.test(argumentsJson[end - 1] ?? '') && end < argumentsJson.length) end += 1
    pieces.push(argumentsJson.slice(at, end))
    at = end
  }
  return pieces
}
