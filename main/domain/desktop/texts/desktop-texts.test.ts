import { describe, expect, it } from 'vitest'
import { shellState } from '../__fixtures__/shell-state.ts'
import { menuEntries } from '../menu-entries.ts'
import { desktopTexts } from './desktop-texts.ts'
import { englishTexts } from './english-texts.ts'
import { germanTexts } from './german-texts.ts'

describe('desktopTexts', () => {
  it.each([
    [['de-AT', 'en'], germanTexts],
    [['fr-FR', 'de'], germanTexts],
    [['en-GB', 'de'], englishTexts],
    [['fr'], englishTexts],
    [[], englishTexts],
  ])('takes the first language of %j that the app speaks', (languages, texts) => expect(desktopTexts(languages)).toBe(texts))

  it('gives menus in German', () => {
    const labels = menuEntries(shellState({}), germanTexts).flatMap((entry) => ('label' in entry ? entry.label : []))
    expect(labels).toContain('Chat öffnen')
    expect(labels.join()).not.toMatch(/Open|Copy|Settings|Quit/)
  })
})
