/** Characters that control a terminal or turn the direction of text, except line breaks and tabs. */
const CONTROLS = /(?![\n\t])\p{Cc}|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** A text that a terminal may show, whoever wrote it. Characters are written as in JSON, so JSON keeps its meaning. */
export function escapeControls(text: string): string {
  return text.replaceAll(CONTROLS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
