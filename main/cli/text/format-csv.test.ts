import { expect, it } from 'vitest'
import { formatCsv } from './format-csv.ts'

it('quotes what must be quoted', () => {
  expect(
    formatCsv([
      ['a', 'b,c', 'd"e', 'f\ng'],
      [1, null, true, { x: 1 }],
      [undefined, '', 1.5, "it's"],
    ]),
  ).toBe('a,"b,c","d""e","f\ng"\n1,,true,"{""x"":1}"\n,,1.5,it\'s')
})
