import { expect, it } from 'vitest'
import { AppError } from '../../shared/app-error.ts'
import { LogReader } from './read-logs.ts'

const place = (id: string, number: number): string => `${id.repeat(16)}-${number}`
const [a, b] = [
  { nodeId: 'node-a', name: 'one' },
  { nodeId: 'node-b', name: 'two' },
]
const line = (second: number, text: string, level = 'info') => ({ time: `2026-01-02T03:04:0${second}.000Z`, level, text })

it('merges the nodes by time, continues where it was, and reports a silent node once', async () => {
  const asked: string[] = []
  let isBSilent = false
  const pages: Readonly<Record<string, object>> = {
    'node=node-a&lines=7': { lines: [line(1, 'a1'), line(3, 'a2', 'warn')], lostLines: 0, end: place('1', 2), hasMore: false },
    'node=node-b&lines=7': { lines: [line(2, 'b1', 'debug'), line(2, 'b2')], lostLines: 0, end: place('2', 2), hasMore: false },
    [`node=node-a&lines=500&after=${place('1', 2)}`]: { lines: [line(5, 'a5')], lostLines: 2, end: place('1', 5), hasMore: true },
    [`node=node-a&lines=500&after=${place('1', 5)}`]: { lines: [line(6, 'a6')], lostLines: 0, end: place('1', 6), hasMore: false },
    [`node=node-a&lines=500&after=${place('1', 6)}`]: { lines: [], lostLines: 0, end: place('1', 6), hasMore: false },
  }
  const reader = new LogReader(
    {
      async get(path) {
        const query = path.replace('/logs?', '')
        asked.push(query)
        if (isBSilent && query.includes('node-b')) throw new AppError('link-lost', 'The link is lost.')
        return pages[query]
      },
    },
    'info',
  )
  const first = await reader.read([a, b], 7)
  expect(first.lines.map(({ name, text }) => `${name} ${text}`)).toEqual(['one a1', 'two b2', 'one a2'])
  expect(first.notices).toEqual([])
  isBSilent = true
  const second = await reader.read([a, b], 7)
  expect(second.lines.map(({ text }) => text)).toEqual(['a5', 'a6'])
  expect(second.notices).toEqual([
    { ...a, message: '2 lines were lost: the node keeps only the newest.' },
    { ...b, message: 'The link is lost.' },
  ])
  expect((await reader.read([a, b], 7)).notices).toEqual([])
})
