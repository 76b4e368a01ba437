import { expect, it } from 'vitest'
import { readMetric } from './read-metric.ts'

it('reads samples with their labels', () => {
  const text = '# HELP a x\n# TYPE a gauge\na{node="n\\"1",model="m\\\\x"} 1.5e3\na 2\nab{node="no"} 7\n\na{} 3\n'
  expect(readMetric(text, 'a')).toEqual([{ labels: { node: 'n"1', model: 'm\\x' }, value: 1500 }, { labels: {}, value: 2 }, { labels: {}, value: 3 }])
})
