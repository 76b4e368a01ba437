import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { projectDir } from './project-paths.mjs'

const MOST_FILES_DOWN = 35
const MOST_GENERATORS_UP = 5
const text = readFileSync(join(projectDir, 'ARCHITECTURE.md'), 'utf8')

/**
 * The files of the code block after a sentence, in order; a line without a room continues the one before.
 *
 * @param {string} sentence
 */
function walkAfter(sentence) {
  const block = text.slice(text.indexOf(sentence)).split('```')[1] ?? ''
  let room = ''
  return block
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => {
      const words = line.split(/\s+/).filter((word) => word !== '' && !/^==.*==$/.test(word))
      if (!line.startsWith(' ')) room = words.shift() ?? ''
      return words.map((word) => ({
        path: join(room === 'native' ? room : `main/${room}`, word.replace('*', '')),
        isGenerator: word.endsWith('*'),
      }))
    })
}

const exists = (/** @type {string} */ path) =>
  ['.ts', '.cpp', '.h'].some((extension) => existsSync(join(projectDir, path + extension))) || existsSync(join(projectDir, path))

describe("ARCHITECTURE.md's walk", () => {
  const [down, up] = [walkAfter('A prompt passes these'), walkAfter('A token passes these files')]

  it.each([...down, ...up].map(({ path }) => path))('passes %s, which exists', (path) => expect(exists(path)).toBe(true))

  it(`of a prompt has ${MOST_FILES_DOWN} files at most, and says how many`, () => {
    expect(down.length).toBeLessThanOrEqual(MOST_FILES_DOWN)
    expect(text).toContain(`A prompt passes these ${down.length} files`)
  })

  it(`of a token has ${MOST_GENERATORS_UP} generators at most`, () =>
    expect(up.filter(({ isGenerator }) => isGenerator).length).toBeLessThanOrEqual(MOST_GENERATORS_UP))
})
