import { expect, it } from 'vitest'
import { RecentLog } from '../../platform/log/recent-log.ts'
import { NodeId } from '../../shared/ids.ts'
import { linkTwo } from '../__fixtures__/link-two.ts'
import { createClusterLogs } from './cluster-logs.ts'

const [a, b] = [NodeId.parse('a'), NodeId.parse('b')]
const never = new AbortController().signal
const time = '2026-01-02T03:04:05.000Z'
const query = { after: null, lines: 10 }

it("reads another node's log over the link, and its own", async () => {
  const [linksOfA, linksOfB] = linkTwo(a, b)
  const logsOf = (nodeId: NodeId, links: ReturnType<typeof linkTwo>[number], id: string) => {
    const recentLog = new RecentLog(id.repeat(16))
    recentLog.add({ time, level: 'info', message: `log of ${nodeId}` })
    return createClusterLogs({ nodeId, recentLog, links })
  }
  const ofA = logsOf(a, linksOfA, '1')
  logsOf(b, linksOfB, '2')
  expect((await ofA(a, query, never)).lines).toEqual([{ time, level: 'info', text: 'log of a' }])
  expect(await ofA(b, query, never)).toEqual({
    lines: [{ time, level: 'info', text: 'log of b' }],
    lostLines: 0,
    end: `${'2'.repeat(16)}-1`,
    hasMore: false,
  })
})

it.each([
  ['a text that controls the terminal', { time, level: 'info', text: '\u001b[2Jgone\u0007' }, 'gone'],
  ['no level', { time, level: 'loud', text: 'x' }, null],
  ['no time', { time: 'now\u001b[2J', level: 'info', text: 'x' }, null],
])('does not believe a peer that sends %s', async (_what, line, shown) => {
  const [linksOfA, linksOfB] = linkTwo(a, b)
  linksOfB.handleStream('logs', async (stream) =>
    stream.send(Buffer.from(JSON.stringify({ lines: [line], lostLines: 0, end: `${'1'.repeat(16)}-1`, hasMore: false }))),
  )
  const asked = createClusterLogs({ nodeId: a, recentLog: new RecentLog('0'.repeat(16)), links: linksOfA })(b, query, never)
  if (shown === null) await expect(asked).rejects.toMatchObject({ code: 'stream-invalid' })
  else expect((await asked).lines[0]?.text).toBe(shown)
})

it('says so if a node of an older version has no logs to give', async () => {
  const [linksOfA] = linkTwo(a, b)
  const asked = createClusterLogs({ nodeId: a, recentLog: new RecentLog('0'.repeat(16)), links: linksOfA })(b, query, never)
  await expect(asked).rejects.toMatchObject({ code: 'unknown-stream-kind' })
})
