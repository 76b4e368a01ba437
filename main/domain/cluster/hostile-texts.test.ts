import { expect, it } from 'vitest'
import { aCard, aNode, aRequest } from './__fixtures__/builders.ts'
import { ModelId } from '../../shared/ids.ts'
import { ModelCard } from '../../shared/models/model-card.ts'
import { Fallback } from '../../shared/placement.ts'
import { NodeFacts } from '../../shared/wire/peer/cluster-event.ts'
import { LeaderCommand } from '../../shared/wire/peer/leader-command.ts'
import { MOST_REPORT_LETTERS, NodeReport, ShardReport } from '../../shared/wire/peer/node-report.ts'
import { PeersTold } from '../../shared/wire/peer/peer-message.ts'

const shown = '\u202estudio\u0007-\u001b]0;mine\u0007\u001b[31m1\n\u2066\u200b'

it('E: names of another machine are one line without characters that control a terminal or turn text', () => {
  const facts = NodeFacts.parse(aNode('a', { name: shown, chip: shown, version: shown, model: shown }))
  expect([facts.name, facts.chip, facts.version, facts.model]).toEqual(Array.from({ length: 4 }, () => 'studio-1 '))
  const told = { type: 'peers-told', peers: [{ nodeId: 'a', nodeName: shown, peerPort: 1, hosts: [] }] }
  expect(PeersTold.parse(told).peers[0]?.nodeName).toBe('studio-1 ')
})

it('E: ids of models, their families and the reasons of a placement do not turn the text beside them', () => {
  for (const modelId of ['org/na\u202eme', 'org/na\u2066me', 'org/a\u2028b', 'org/\u200fname', 'org/\u061cname'])
    expect(ModelId.safeParse(modelId).success, escape(modelId)).toBe(false)
  // Emoji of several parts, and words of languages that join letters.
  for (const modelId of ['/home/me/👩\u200d💻/model', '/home/me/می\u200cخواهم']) expect(ModelId.safeParse(modelId).success).toBe(true)
  expect(ModelCard.safeParse({ ...aCard(), family: 'lla\u202ema' }).success).toBe(false)
  expect(Fallback.parse({ from: shown, to: shown, reason: shown })).toEqual({ from: 'studio-1 ', to: 'studio-1 ', reason: 'studio-1 ' })
})

it('E: messages keep their lines', () => {
  const shard = { instanceId: 'x', epoch: 1, rank: 0, status: 'failed', port: null, residentBytes: 0, code: null }
  expect(ShardReport.parse({ ...shard, message: 'one\u202e\ntwo\u001b[2J' }).message).toBe('one\ntwo')
})

it('E: a report of thousands of models is accepted, one that would fill the state of the cluster is not', () => {
  const models = (message: string | null) =>
    Array.from({ length: 4096 }, (_, index) => ({
      modelId: `org/a-model-of-a-usual-name-${index}`,
      status: 'complete',
      totalBytes: 2 ** 40,
      message,
    }))
  const report = { node: aNode('a'), links: [], shards: [] }
  expect(NodeReport.safeParse({ ...report, storedModels: models(null) }).success).toBe(true)
  const large = { ...report, storedModels: models('a'.repeat(MOST_REPORT_LETTERS / 4096)) }
  expect(NodeReport.safeParse(large).success).toBe(false)
  const interfaces = [{ name: 'en0', kind: 'other', addresses: ['1'.repeat(MOST_REPORT_LETTERS)] }]
  expect(NodeReport.safeParse({ ...report, node: { ...aNode('a'), interfaces }, storedModels: [] }).success).toBe(false)
})

it('E: a command carries a card and not a load', () => {
  const place = { type: 'place-instance', card: aCard(), request: aRequest(), pinned: false, reuse: true }
  expect(LeaderCommand.safeParse(place).success).toBe(true)
  expect(LeaderCommand.safeParse({ ...place, card: aCard({ aliases: ['a'.repeat(2 ** 15)] }) }).success).toBe(false)
})
