import { ClusterService } from '../main/cluster/cluster-service.ts'
import { formatMessage, parseMessage } from '../main/cluster/link/message-text.ts'
import { startElection } from '../main/domain/election/election-state.ts'
import { termOf } from '../main/domain/election/election-term.ts'
import { step } from '../main/domain/election/step.ts'
import { aNode } from '../main/domain/cluster/__fixtures__/builders.ts'
import { reportToEvents } from '../main/domain/cluster/report-to-events.ts'
import { takeEntries } from '../main/domain/cluster/link-map.ts'
import { EMPTY_CLUSTER } from '../main/domain/cluster/cluster-state.ts'
import { ClusterEvent } from '../main/shared/wire/peer/cluster-event.ts'
import { MAX_ROUND, Term } from '../main/shared/wire/peer/election-numbers.ts'
import { PeerMessage } from '../main/shared/wire/peer/peer-message.ts'
import type { NodeId } from '../main/shared/ids.ts'
import type { FuzzTarget } from './fuzz-target.ts'

const [own, peer] = ['a'.repeat(32), 'b'.repeat(32)] as [NodeId, NodeId]
const instanceId = `instance-${'0f'.repeat(12)}`
const term = termOf(3, peer)
const card = {
  modelId: 'org/model',
  aliases: ['m'],
  family: 'llama',
  layers: 4,
  hiddenSize: 64,
  attentionHeads: 4,
  kvHeads: 2,
  headDim: 16,
  vocabSize: 256,
  weightBytes: 1000,
  quantization: null,
  contextTokens: 2048,
  minDevices: 1,
  strategies: ['pipeline'],
}
const request = { strategy: null, backend: null, minNodes: 1, contextTokens: 2048, headroomRatio: 0.1 }
const placement = {
  strategy: 'pipeline',
  backend: 'local',
  jacclRing: false,
  contextTokens: 2048,
  shards: [{ nodeId: own, rank: 0, stage: 0, layers: { start: 0, end: 4 }, weightBytes: 1000, kvBytes: 0 }],
  rdmaMatrix: null,
  addressMatrix: [[null]],
  fallbacks: [],
}
const shard = { status: 'ready', port: null, residentBytes: 1, code: null, message: null }
const instance = {
  instanceId,
  card,
  request,
  epoch: 1,
  lastEpoch: 1,
  placement,
  pinned: false,
  attempt: 0,
  status: 'ready',
  reasons: [],
  shards: [shard],
}
const node = aNode(peer, { name: 'studio', addresses: ['10.0.0.2'] })
const link = { kind: 'tcp', from: peer, to: own, roundTripMs: 1, address: '10.0.0.1', medium: 'ethernet' }
const state = {
  nodes: { [peer]: node },
  links: { [peer]: [link] },
  instances: { [instanceId]: instance },
  storedModels: { [peer]: { 'org/model': { status: 'complete', totalBytes: 5, message: null } } },
  deletedInstances: [instanceId],
}
const snapshot = { position: { term, index: 1 }, state }
const claim = { leaderId: peer, term, beat: 10, followers: 1, ageTicks: 0 }
const events = (event: object): object => ({
  type: 'cluster-events',
  term,
  leaderId: peer,
  base: { term: 0, index: 0 },
  headIndex: 1,
  events: [{ term, index: 1, event }],
})

/** A service that handles messages as a node does. It must handle every message that the parser accepts. */
function settings(leads: boolean): ClusterService {
  const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, with: () => silent }
  const service = new ClusterService(
    {
      nodeId: own,
      links: {
        send: (_, message) => formatMessage(message).length > 0,
        broadcast: (message) => void formatMessage(message),
        peers: () => [{ nodeId: peer }],
        wasSilent: () => false,
      },
      clock: { now: () => 0, epochMs: () => 0, every: () => undefined },
      log: silent,
      ownReport: () => ({ node: { ...node, nodeId: own }, links: [], shards: [], storedModels: [] }),
      ownSample: () => ({ nodeId: own, epochMs: 0, availableBytes: 1, rates: [], downloads: [] }),
      manage: () => [],
    },
    new AbortController().signal,
  )
  service.setLeader(leads ? { nodeId: own, term: termOf(3, own) } : { nodeId: peer, term })
  return service
}

export default {
  seeds: [
    { type: 'election', claim, rival: { ...claim, leaderId: own, term: termOf(4, own) }, hops: 0, round: 3, isAsking: true },
    { type: 'state-offer', term: termOf(3, own), snapshot },
    { type: 'cluster-snapshot', term, leaderId: peer, snapshot },
    events({ type: 'node-joined', node }),
    events({ type: 'link-observed', link }),
    events({ type: 'instance-created', instanceId, epoch: 1, card, request, placement, pinned: false }),
    events({ type: 'instance-adopted', ...instance }),
    events({ type: 'shard-status', instanceId, epoch: 1, rank: 0, ...shard }),
    { type: 'events-request', term, afterIndex: 1 },
    {
      type: 'node-report',
      report: {
        node,
        links: [link],
        shards: [{ instanceId, epoch: 1, rank: 0, ...shard }],
        storedModels: [{ modelId: 'org/model', status: 'complete', totalBytes: 5, message: null }],
      },
    },
    {
      type: 'node-sample',
      sample: { nodeId: peer, epochMs: 1.8e12, availableBytes: 5, rates: [], shards: [], downloads: [], firstTokens: [] },
    },
    { type: 'steps-begin', instanceId, epoch: 1, begins: 1 },
    { type: 'peers-told', peers: [{ nodeId: peer, nodeName: 'studio', peerPort: 7000, hosts: ['10.0.0.2'] }] },
    { type: 'link-map', entries: [{ nodeId: peer, version: 1.8e12, peers: [own] }] },
    {
      type: 'relayed',
      from: peer,
      to: own,
      hopsLeft: 3,
      message: { type: 'node-sample', sample: { nodeId: peer, epochMs: 1, availableBytes: 5, rates: [], downloads: [] } },
    },
    JSON.parse('{"type":"state-offer","term":1,"snapshot":{"__proto__":{"instanceId":"../../docs"}}}'),
  ].map((message) => JSON.stringify(message)),
  words: [
    '"__proto__"',
    '"constructor"',
    '"claim"',
    '"followers"',
    '"leaderId"',
    '"deletedInstances"',
    '"../../x"',
    '268435456',
    '4503599644147711',
    '"status":"failed"',
    own,
    peer,
    instanceId,
  ],
  run(bytes) {
    const parsed = parseMessage(PeerMessage, bytes.toString('utf8'))
    if (!parsed) return
    const message = parsed.value
    for (const leads of [true, false]) {
      const service = settings(leads)
      service.receive(peer, message)
      service.receive(peer, message)
      const { instances, nodes } = service.state()
      for (const key of [...Object.keys(instances), ...Object.keys(nodes)])
        if (!/^(instance-[0-9a-f]{24}|[a-z2-7]{32})$/.test(key)) throw new Error(`the state has ${key}`)
      formatMessage({ type: 'state-offer', term: 0, snapshot: { position: { term: 0, index: 0 }, state: service.state() } })
    }
    if (message.type === 'election') {
      let election = startElection(own, 3)
      for (let tick = 0; tick < 40; tick++)
        election = step(tick % 10 === 0 ? step(election, { type: 'message', from: peer, message }).state : election, { type: 'tick' }).state
      if (election.round > MAX_ROUND || !Term.safeParse(election.claim?.term ?? 0).success || Object.hasOwn(election.peers, '__proto__'))
        throw new Error(`round ${election.round}, term ${election.claim?.term}`)
    }
    if (message.type === 'node-report') for (const event of reportToEvents(EMPTY_CLUSTER, message.report)) ClusterEvent.parse(event)
    if (message.type === 'link-map') takeEntries(new Map(), message.entries)
    if (Object.keys(Object.prototype).length > 0) throw new Error('every object has another key now')
  },
} satisfies FuzzTarget
