import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { releaseOf, writeHomebrew } from './homebrew.mjs'

const release = releaseOf('1.2.3', { GITHUB_REPOSITORY: 'owner/exo' })
const sha256 = (/** @type {string} */ text) => createHash('sha256').update(text).digest('hex')

function folderWith(/** @type {readonly string[]} */ names) {
  const folder = mkdtempSync(join(tmpdir(), 'exo-brew-'))
  for (const name of names) writeFileSync(join(folder, name), name)
  return folder
}

describe('files for Homebrew', () => {
  it('name every archive of the release with its address and hash, each block closed', () => {
    const names = ['exo-1.2.3-darwin-arm64.tar.gz', 'exo-1.2.3-linux-x64.tar.gz', 'exo-1.2.2-linux-arm64.tar.gz']
    const folder = folderWith(names)
    expect(writeHomebrew(folder, release)).toEqual([join('homebrew', 'Formula', 'exo-distributed.rb')])
    const formula = readFileSync(join(folder, 'homebrew', 'Formula', 'exo-distributed.rb'), 'utf8')
    for (const name of names.slice(0, 2)) {
      expect(formula).toContain(`url "https://github.com/owner/exo/releases/download/v1.2.3/${name}"`)
      expect(formula).toContain(`sha256 "${sha256(name)}"`)
    }
    expect(formula).not.toContain('1.2.2')
    const opened = formula.match(/^\s*(class|def) | do$/gm)?.length
    expect(formula.match(/^\s*end$/gm)).toHaveLength(opened ?? 0)
    // brew audit: no trailing spaces, a description without an article, a dot or the name, and at most 80 characters.
    expect(formula).not.toMatch(/ \n|\n\n\n/)
    expect(/desc "(.*)"/.exec(formula)?.[1]).toMatch(/^(?!(An?|The) )(?!.*exo).{1,79}[^.]$/)
  })

  it('have a cask for the disk image of the app, and nothing for what is not there', () => {
    const folder = folderWith(['exo-1.2.3-arm64.dmg'])
    expect(writeHomebrew(folder, release)).toEqual([join('homebrew', 'Casks', 'exo-distributed.rb')])
    const cask = readFileSync(join(folder, 'homebrew', 'Casks', 'exo-distributed.rb'), 'utf8')
    expect(cask).toContain(`sha256 "${sha256('exo-1.2.3-arm64.dmg')}"`)
    expect(cask).toContain('app "exo.app"')
    expect(writeHomebrew(folderWith([]), release)).toEqual([])
  })
})
