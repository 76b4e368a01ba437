/** Sequences that move the cursor, set colours or rename the window of a terminal. */
// eslint-disable-next-line no-control-regex -- it looks for the control characters that begin and end such a sequence
const ESCAPES = /[\u001b\u009b](?:\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[[\]()#;?]*(?:\d{1,4}(?:[;:]\d{0,4})*)?[\dA-PR-TZcf-nq-uy=><~])?/g
const CONTROLS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** A text of another machine that a terminal may show: one line, without sequences or characters that control it. */
export function plainText(text: string): string {
  return text
    .replaceAll(ESCAPES, '')
    .replaceAll(/[\r\n\t\u2028\u2029]+/g, ' ')
    .replaceAll(CONTROLS, '')
}
