import { expect, it } from 'vitest'
import { LOG_TEXT_LETTERS, MOST_LOG_BYTES } from '../../shared/wire/peer/log-lines.ts'
import { createLog } from './log.ts'
import { RecentLog } from './recent-log.ts'

const ID = '0123456789abcdef'
function logInto(recent: RecentLog) {
  return createLog({ level: 'debug', format: 'json', write: () => undefined, keep: (entry) => recent.add(entry) })
}

it('keeps the newest lines as one text each, without secrets and escapes', () => {
  const recent = new RecentLog(ID, 3)
  const log = logInto(recent)
  for (const message of ['one', 'two']) log.info(message)
  log.warn('refused \u001b[31mred', { apiToken: 'abc.def-123', from: 'a\nb' })
  log.error('last')
  expect(recent.page({ after: null, lines: 10 })).toEqual({
    lines: [
      { time: expect.any(String), level: 'info', text: 'two' },
      { time: expect.any(String), level: 'warn', text: 'refused red apiToken="[redacted]" from="a\\nb"' },
      { time: expect.any(String), level: 'error', text: 'last' },
    ],
    lostLines: 0,
    end: `${ID}-4`,
    hasMore: false,
  })
  expect(recent.page({ after: `${ID}-3`, lines: 10 }).lines.map(({ text }) => text)).toEqual(['last'])
  expect(recent.page({ after: `${ID}-4`, lines: 10 })).toMatchObject({ lines: [], end: `${ID}-4` })
  expect(recent.page({ after: null, lines: 1 }).lines.map(({ text }) => text)).toEqual(['last'])
})

it('says how many lines it no longer has, and begins again after a restart', () => {
  const recent = new RecentLog(ID, 2)
  const log = logInto(recent)
  for (const message of ['one', 'two', 'three', 'four']) log.info(message)
  expect(recent.page({ after: `${ID}-1`, lines: 1 })).toMatchObject({ lines: [{ text: 'three' }], lostLines: 1, hasMore: true })
  expect(recent.page({ after: `${'f'.repeat(16)}-90`, lines: 5 })).toMatchObject({
    lines: [{ text: 'three' }, { text: 'four' }],
    lostLines: 0,
  })
  expect(recent.page({ after: `${ID}-99`, lines: 5 })).toMatchObject({ lines: [], end: `${ID}-4` })
})

it('cuts long lines, and gives no more at once than fits', () => {
  const recent = new RecentLog(ID)
  const log = logInto(recent)
  for (let line = 0; line < 1_000; line++) log.info('€'.repeat(3_000))
  const page = recent.page({ after: `${ID}-0`, lines: 500 })
  expect(page.lines[0]?.text).toHaveLength(LOG_TEXT_LETTERS)
  expect(page.hasMore).toBe(true)
  expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(2 * MOST_LOG_BYTES)
})
