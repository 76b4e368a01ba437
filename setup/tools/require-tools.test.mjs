import { expect, it } from 'vitest'
import { requireTools, tools } from './require-tools.mjs'

const absent = {
  name: 'Unobtainium',
  command: /** @type {const} */ (['no-such-program-here', '--version']),
  debian: 'apt install unobtainium',
  mac: 'brew install unobtainium',
}

it('is content with what is there', () => {
  expect(() => requireTools([tools.npm])).not.toThrow()
})

it('names every missing tool and how to get it', () => {
  expect(() => requireTools([tools.npm, absent])).toThrow(/Unobtainium: (apt|brew) install unobtainium$/)
})
