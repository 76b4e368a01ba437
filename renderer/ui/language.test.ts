import { afterEach, describe, expect, it, vi } from 'vitest'

type Texts = Readonly<Record<string, unknown>>
const files = import.meta.glob('../**/strings.ts')

/** The texts of every strings file, by their place: a function stands for what it returns for plain arguments. */
async function textsIn(language: string): Promise<Map<string, string>> {
  vi.resetModules()
  vi.stubGlobal('navigator', { language })
  const texts = new Map<string, string>()
  const collect = (place: string, value: unknown): void => {
    if (typeof value === 'string') texts.set(place, value)
    else if (typeof value === 'function') texts.set(place, String((value as (...given: unknown[]) => unknown)(...ARGUMENTS)))
    else for (const [name, inner] of Object.entries(value as Texts)) collect(`${place}.${name}`, inner)
  }
  for (const [file, load] of Object.entries(files)) collect(file, await load())
  return texts
}
/** Serve as a number, a text and a list. */
const ARGUMENTS = [Object.assign([2], { toFixed: () => '2' }), [2]]

afterEach(() => vi.unstubAllGlobals())

describe('the second language', () => {
  it('has every text of the first, and says it in its own words', async () => {
    const [english, german] = [await textsIn('en-GB'), await textsIn('de-AT')]
    expect([...german.keys()]).toEqual([...english.keys()])
    const same = [...english].filter(([place, text]) => german.get(place) === text && /[a-z]{4}/.test(text)).length
    expect(english.size).toBeGreaterThan(400)
    // Names and words that both languages share, such as Chat, Cluster and Tensor.
    expect(same).toBeLessThan(english.size / 7)
  })
  it('is English where the system speaks neither', async () => expect(await textsIn('fr')).toEqual(await textsIn('en')))
})
