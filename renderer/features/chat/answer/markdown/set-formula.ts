import katex from 'katex'
import 'katex/contrib/copy-tex'
import 'katex/dist/katex.css'

/** Formulas of models are untrusted: they load nothing, link nowhere, and neither their macros nor their sizes grow without limit. */
const LIMITS = { trust: false, maxExpand: 300, maxSize: 30, strict: 'ignore' } as const
const MOST_CHARACTERS = 20_000

/** A formula as elements with its MathML for screen readers; null: it is not valid TeX, or not complete yet. */
export function setFormula(tex: string, isDisplay: boolean): HTMLElement | null {
  if (tex.length > MOST_CHARACTERS) return null
  const place = document.createElement('span')
  try {
    katex.render(tex, place, { ...LIMITS, displayMode: isDisplay, throwOnError: true })
    return place
  } catch {
    return null
  }
}
