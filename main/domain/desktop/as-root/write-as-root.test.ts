import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { writeAsRoot } from './write-as-root.ts'

it('E: root is given the words themselves, and reads no file of the user', () => {
  const folder = mkdtempSync(join(tmpdir(), `exo-it's-`))
  const target = join(folder, 'bin', 'exo')
  const content = `#!/bin/sh\necho "it's" $HOME \`id\` '\\'\n`
  const words = writeAsRoot(content, target)
  const scripts = words.filter((_, index) => words[index - 1] === '-e')
  expect(scripts.join('\n')).not.toContain(tmpdir())
  const [shellScript = '', ...rest] = words.slice(2 * scripts.length)
  expect(rest).toEqual([content, target])
  const run = (): void => void execFileSync('/bin/sh', ['-c', shellScript, 'exo', ...rest])
  run()
  expect(readFileSync(target, 'utf8')).toBe(content)
  expect(statSync(target).mode & 0o777).toBe(0o755)
  // A link in its place is replaced; the link's target is unchanged.
  writeFileSync(join(folder, 'other'), 'mine')
  rmSync(target)
  symlinkSync(join(folder, 'other'), target)
  run()
  expect([readFileSync(join(folder, 'other'), 'utf8'), readFileSync(target, 'utf8'), readdirSync(join(folder, 'bin'))]).toEqual([
    'mine',
    content,
    ['exo'],
  ])
  rmSync(folder, { recursive: true })
})
