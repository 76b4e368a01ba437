import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createProgram } from '../program.ts'
import type { Terminal } from '../terminal.ts'
import { commandTable } from './command-table.ts'
import { completionScript, SHELLS } from './completion-scripts.ts'

const table = commandTable(
  createProgram({} as Terminal, () => {
    throw new Error('unused')
  }),
)
const folder = mkdtempSync(join(tmpdir(), 'exo-completion-'))

function inBash(...words: string[]): string[] {
  const file = join(folder, 'exo.bash')
  writeFileSync(file, completionScript('bash', table))
  const quoted = words.map((word) => `'${word}'`).join(' ')
  const script = `source ${file}; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _exo; printf '%s\\n' "\${COMPREPLY[@]}"`
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).split('\n').filter(Boolean)
}

describe('completionScript', () => {
  it.each<[string[], string[]]>([
    [['exo', 'mod'], ['models']],
    [['exo', 'models', 'p'], ['pull']],
    [['exo', '--model', 'x', 'models', 'pu'], ['pull']],
    [['exo', 'plan', '--op'], ['--optimize']],
    [['exo', 'plan', '--optimize', 'l'], ['latency']],
    [
      ['exo', '--seal-ring', ''],
      ['always', 'lan', 'never'],
    ],
    [['exo', 'config', 'l'], ['list']],
    [['exo', 'completion', '--he'], ['--help']],
    [['exo', 'nonsense', '--nothing'], []],
  ])('completes %j in bash', (words, expected) => {
    expect(inBash(...words)).toEqual(expected)
  })

  it.each(SHELLS)('is a valid script for %s where that shell is installed, and names each command', (shell) => {
    const script = completionScript(shell, table)
    for (const { words } of table) for (const word of words) expect(script).toContain(word)
    const file = join(folder, `check.${shell}`)
    writeFileSync(file, script)
    const { error, status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' })
    if (!error) expect([status, stderr]).toEqual([0, ''])
  })
})
