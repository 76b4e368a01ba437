// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { doctorTexts } from '../../../main/shared/doctor/doctor-texts.ts'
import { sayFinding, sayPart } from '../../../main/shared/doctor/say-finding.ts'
import { germanDoctorTexts } from './german-doctor-texts.ts'

const namesIn = (template: string) => [...template.matchAll(/\{(\w+;?)\}/g)].map(([, name]) => name).sort()

describe('the German texts of exo doctor', () => {
  it.each(Object.entries(doctorTexts))('%s has the same values', (code, english) => {
    expect(namesIn(germanDoctorTexts[code as keyof typeof doctorTexts])).toEqual(namesIn(english))
  })
})

describe('the checks of exo doctor', () => {
  const sources = Object.values(
    import.meta.glob<string>(['../../../main/diagnostics/*.ts', '../../../main/diagnostics/checks/*.ts', '!**/*.test.ts'], {
      query: '?raw',
      import: 'default',
      eager: true,
    }),
  ).join('\n')
  it('tell no finding or fix in English alone', () => {
    expect([...sources.matchAll(/\.(?:ok|warning|problem|unknown)\(\s*['"`].*/g)].map(([line]) => line)).toEqual([])
    expect(sources).toMatch(/\.ok\(\s*sayFinding\('/)
  })
  it('use every text', () => {
    // The state of a model is the middle of its codes.
    const isUsed = (code: string) =>
      sources.includes(`'${code}'`) || sources.includes(`\`${code.replace(/failed|recovering/, '${instance.status}')}\``)
    expect(Object.keys(doctorTexts).filter((code) => !isUsed(code))).toEqual([])
  })
})

describe('doctorTextOf', () => {
  beforeEach(() => localStorage.setItem('exo.language', 'de'))
  afterEach(() => {
    localStorage.clear()
    vi.resetModules()
  })
  it('is German on a German page, with German numbers', async () => {
    const { doctorTextOf } = await import('./doctor-text-of.ts')
    const said = sayFinding('memory', { free: '1.5 GB', total: '16 GB', machine: 'studio-26.2' })
    expect(doctorTextOf('1.5 GB of 16 GB free', said)).toEqual({ text: '1,5 GB von 16 GB frei auf studio-26.2', lang: 'de' })
  })
  it('is what the node says where the code or a value is unknown', async () => {
    const { doctorTextOf } = await import('./doctor-text-of.ts')
    const english = { text: 'of next year', lang: 'en' }
    for (const said of [
      undefined,
      null,
      { code: 'of-next-year', values: {} },
      { code: 'toString', values: {} },
      { code: 'memory', values: {} },
    ])
      expect(doctorTextOf('of next year', said)).toEqual(english)
  })
  it('joins lists, and tells reasons in German where they are known', async () => {
    const { doctorTextOf } = await import('./doctor-text-of.ts')
    const parts = [sayPart('sealed-direct', { count: 1 }), sayPart('sealed-rdma')]
    expect(doctorTextOf('', sayFinding('sealed-paths', { parts })).text).toBe(
      `${germanDoctorTexts['sealed-direct'].replace('{count}', '1')}; ${germanDoctorTexts['sealed-rdma']}`,
    )
    const unknownPart = { code: 'sealed-paths', values: { parts: [{ code: 'of-next-year', values: {} }] } }
    expect(doctorTextOf('of next year', unknownPart).lang).toBe('en')
  })
  it('is English on an English page', async () => {
    localStorage.setItem('exo.language', 'en')
    const { doctorTextOf } = await import('./doctor-text-of.ts')
    expect(doctorTextOf('none', sayFinding('model-files-none'))).toEqual({ text: 'none', lang: 'en' })
  })
})
