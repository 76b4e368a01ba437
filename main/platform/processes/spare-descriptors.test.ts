import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { spareDescriptors } from './spare-descriptors.ts'

describe('spareDescriptors', () => {
  it('knows the limit and what is in use', () => {
    const module = JSON.stringify(join(import.meta.dirname, 'spare-descriptors.ts'))
    const script = `import(${module}).then((m) => console.log(m.spareDescriptors()))`
    const spare = Number(execFileSync('bash', ['-c', 'ulimit -n 64; exec "$0" -e "$1"', process.execPath, script], { encoding: 'utf8' }))
    expect(spare).toBeGreaterThan(10)
    expect(spare).toBeLessThan(60)
    expect(spareDescriptors()).toBeGreaterThan(0)
  })
})
