/** Not read: code, the picture of a formula beside its MathML, its TeX, and the numbers of footnotes. */
const UNREAD = '.code-block, annotation, sup, [aria-hidden="true"], .visually-hidden'
const BLOCKS = 'p, div, li, ul, ol, blockquote, h1, h2, h3, h4, h5, h6, td, th, tr, table, hr, br'
const SPEAKABLE = /[\p{Letter}\p{Number}]/u

/** The sentences of a rendered text, without its marks. @param language - by whose rules a sentence ends */
export function* readableSentences(rendered: Element, language: string): Generator<string> {
  const segmenter = new Intl.Segmenter(language, { granularity: 'sentence' })
  for (const text of blockTexts(rendered))
    for (const { segment } of segmenter.segment(text)) if (SPEAKABLE.test(segment)) yield segment.trim()
}

function blockTexts(rendered: Element): string[] {
  const blocks = ['']
  const take = (node: Node): void => {
    if (node.nodeType === Node.TEXT_NODE) blocks.push((blocks.pop() ?? '') + (node.textContent ?? ''))
    if (!(node instanceof Element) || node.matches(UNREAD)) return
    const isBlock = node.matches(BLOCKS)
    if (isBlock) blocks.push('')
    node.childNodes.forEach(take)
    if (isBlock) blocks.push('')
  }
  rendered.childNodes.forEach(take)
  return blocks.map((block) => block.replace(/\s+/g, ' '))
}
