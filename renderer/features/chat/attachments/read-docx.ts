import { strFromU8, unzipSync } from 'fflate'

const DOCUMENT = 'word/document.xml'
/** A small archive can claim to hold much more. */
const MOST_BYTES = 100 * 2 ** 20

/** The text of a Word document, paragraph by paragraph; cells of a table's row are joined by tabs. @throws it is damaged */
export function readDocx(bytes: Uint8Array): string {
  const files = unzipSync(bytes, { filter: ({ name, originalSize }) => name === DOCUMENT && originalSize <= MOST_BYTES })
  const content = files[DOCUMENT]
  if (!content) throw new Error('It has no document.')
  const xml = new DOMParser().parseFromString(strFromU8(content), 'application/xml')
  const body = [...xml.documentElement.children].find(({ localName }) => localName === 'body')
  if (!body) throw new Error('It has no body.')
  return textIn(body)
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

function textIn(element: Element): string {
  const { localName } = element
  if (localName === 't') return element.textContent ?? ''
  if (localName === 'tab') return '\t'
  if (localName === 'br' || localName === 'cr') return '\n'
  const parts = [...element.children].map(textIn)
  if (localName === 'tr')
    return `${parts
      .filter((part) => part !== '')
      .map((part) => part.trim())
      .join('\t')}\n`
  return localName === 'p' ? `${parts.join('')}\n\n` : parts.join('')
}
