import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const folder = new URL('./dense/', import.meta.url)
const linesOf = (name: string): number => readFileSync(new URL(name, folder), 'utf8').trimEnd().split('\n').length
/** What `native/family/` has for all families. */
const SHARED_IMPORT =
  /^import .* from '(zod|\.\.\/(dense-config|family|parts\/[\w-]+)\.ts|\.\.\/\.\.\/(native-error|plan\/rope-plan)\.ts)'$/

describe('families that only name known parts', () => {
  it('take one file of at most 60 lines for each family', () => {
    const families = readdirSync(folder).filter((name) => name.endsWith('.ts'))
    expect(families.length).toBeGreaterThan(10)
    const text = (name: string): string => readFileSync(new URL(name, folder), 'utf8')
    const tooLong = families.filter((name) => linesOf(name) / text(name).split('defineFamily({').slice(1).length > 60)
    expect(tooLong).toEqual([])
  })

  it('need nothing beside the shared parts, such as StableLM', () => {
    const imports = readFileSync(new URL('stablelm.ts', folder), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('import '))
    expect(imports.filter((line) => !SHARED_IMPORT.test(line))).toEqual([])
    expect(linesOf('stablelm.ts')).toBeLessThanOrEqual(60)
  })
})
