import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyPatch, diffJson, PatchOperation } from './json-patch.ts'

describe('diffJson', () => {
  it('names what changed and nothing else', () => {
    const before = { leader: null, nodes: { a: { free: 1, name: 'x' }, b: {} }, links: [1] }
    const after = { leader: { term: 1 }, nodes: { a: { free: 2, name: 'x' }, 'c/d~e': {} }, links: [1, 2] }
    expect(diffJson(before, after)).toEqual([
      { op: 'replace', path: '/leader', value: { term: 1 } },
      { op: 'remove', path: '/nodes/b' },
      { op: 'replace', path: '/nodes/a/free', value: 2 },
      { op: 'add', path: '/nodes/c~1d~0e', value: {} },
      { op: 'replace', path: '/links', value: [1, 2] },
    ])
    expect(diffJson(before, structuredClone(before))).toEqual([])
  })

  it('gives a patch that makes one value of the other, for any two', () => {
    const json = fc.jsonValue({ maxDepth: 4 }).map((value): unknown => JSON.parse(JSON.stringify(value)))
    fc.assert(
      fc.property(json, json, (before, after) => {
        const operations = diffJson(before, after)
        for (const operation of operations) PatchOperation.parse(operation)
        expect(applyPatch(before, operations)).toEqual(after)
      }),
    )
  })

  it('shares what it does not touch', () => {
    const before = { a: { x: 1 }, b: { y: 1 } }
    const after = applyPatch(before, [{ op: 'replace', path: '/a/x', value: 2 }]) as typeof before
    expect(after.b).toBe(before.b)
    expect(before.a.x).toBe(1)
  })
})
