import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { contentHash } from './content-hash.mjs'

describe('contentHash', () => {
  /** @type {string} */
  let folder
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'exo-hash-'))
    writeFileSync(join(folder, 'a.ts'), 'one')
    writeFileSync(join(folder, 'b.md'), 'two')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('changes with a content, a name, a fact, and with nothing else', () => {
    const onlyTypeScript = (/** @type {string} */ file) => file.endsWith('.ts')
    const hash = () => contentHash([folder], onlyTypeScript, ['fact'])
    const before = hash()
    writeFileSync(join(folder, 'b.md'), 'three')
    expect(hash()).toBe(before)
    expect(contentHash([folder], onlyTypeScript, ['other'])).not.toBe(before)
    writeFileSync(join(folder, 'a.ts'), 'four')
    const changed = hash()
    expect(changed).not.toBe(before)
    writeFileSync(join(folder, 'c.ts'), '')
    expect(hash()).not.toBe(changed)
  })

  it('of what is not there is that of nothing', () => {
    expect(contentHash([join(folder, 'missing')])).toBe(contentHash([]))
  })
})
