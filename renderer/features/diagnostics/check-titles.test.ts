import { expect, it } from 'vitest'
import { germanCheckTitles } from './check-titles.ts'

const sources = import.meta.glob<string>('../../../main/diagnostics/**/*.ts', { query: '?raw', import: 'default', eager: true })

it('every check of exo doctor has a German title', () => {
  const ids = Object.values(sources).flatMap((source) => [...source.matchAll(/checkOf\('([a-z-]+)'/g)].map(([, id = '']) => id))
  expect(new Set(ids)).toEqual(new Set(Object.keys(germanCheckTitles)))
})
