import type { z } from 'zod'
import { GenerationSpec, SampledToken } from '../../shared/inference/generation.ts'
import { InstanceId, ModelId } from '../../shared/ids.ts'
import { ModelCard } from '../../shared/models/model-card.ts'
import { Placement, PlacementRequest } from '../../shared/placement.ts'
import { Link } from '../../shared/topology.ts'
import { ClusterEvent, NodeFacts } from '../../shared/wire/peer/cluster-event.ts'
import { SharedRecord } from '../../shared/wire/peer/cluster-record.ts'
import { MAX_CHUNK_BYTES, MAX_FRAME_BYTES } from '../../shared/wire/peer/frame-limits.ts'
import { Term } from '../../shared/wire/peer/election-numbers.ts'
import { NodeReport, NodeSample } from '../../shared/wire/peer/node-report.ts'
import { LeaderClaim, LinkMapEntry } from '../../shared/wire/peer/peer-message.ts'
import { PEER_MESSAGES, type PeerMessageRow } from '../../shared/wire/peer/peer-messages.ts'
import { PEER_STREAMS, type PeerStream } from '../../shared/wire/peer/peer-streams.ts'
import { Greeting } from '../link/greeting/link-frame.ts'
import { LINK_VERSIONS } from '../link/greeting/link-versions.ts'
import { WINDOW_BYTES } from '../link/streams/link-stream.ts'
import { MAX_HEADER_BYTES, MAX_STREAMS } from '../link/streams/link-streams.ts'
import { KEY_CHECK_PROTOCOL, PAIRING_PROTOCOL, PairingFrame } from '../pairing/pairing-frame.ts'
import { formatSchema, type NamedSchemas } from './format-schema.ts'

const NAMED: NamedSchemas = {
  /** The ids of nodes, instances and generations share a pattern. */
  Id: InstanceId,
  ModelId,
  Term,
  LeaderClaim,
  LinkMapEntry,
  ClusterEvent,
  NodeFacts,
  NodeReport,
  NodeSample,
  ModelCard,
  Placement,
  PlacementRequest,
  GenerationSpec,
  SampledToken,
  Link,
  SharedRecord,
}

/** The text of docs/protocol.md, from the maps of messages and streams. */
export function formatProtocolDocs(): string {
  const messages: readonly (readonly [string, PeerMessageRow])[] = Object.entries(PEER_MESSAGES)
  const streams: readonly (readonly [string, PeerStream])[] = Object.entries(PEER_STREAMS)
  return `${[
    ...HEAD,
    '## Messages',
    '',
    `JSON text of at most ${inBytes(MAX_FRAME_BYTES)}, each with its \`type\`. *Reach*: \`link\` messages stay between the two ends of a link;`,
    '`cluster` messages also pass over other nodes, inside `relayed`, where two nodes have no link.',
    '',
    '| message | reach | answered by | what it says |',
    '| --- | --- | --- | --- |',
    ...messages.map(([type, { reach, answer, means }]) => `| \`${type}\` | ${reach} | ${inCode(answer)} | ${means} |`),
    ...messages.flatMap(([type, { request }]) => ['', `### ${type}`, '', ...block(request)]),
    '',
    ...STREAMS_HEAD,
    '| stream | the opener waits | longest answer | what it is for |',
    '| --- | --- | --- | --- |',
    ...streams.map(([kind, { limit, means }]) => `| \`${kind}\` | ${inSeconds(limit.waitMs)} | ${inBytes(limit.bytes)} | ${means} |`),
    ...streams.flatMap(formatStream),
    '',
    '## Pairing',
    '',
    'Nodes that belong to no cluster together talk on a WebSocket of its own, at `/pair`, with frames of JSON text:',
    '',
    ...block(PairingFrame),
    '',
    '## Shared types',
    ...Object.entries(NAMED).flatMap(([name, schema]) => ['', `### ${name}`, '', ...block(schema, name)]),
  ].join('\n')}\n`
}

const HEAD: readonly string[] = [
  '# How nodes talk',
  '',
  '<!-- Written by `node setup/write-protocol-docs.mjs` from main/shared/wire/peer/peer-messages.ts and peer-streams.ts: change the maps. -->',
  '',
  'Two nodes share one link: a WebSocket over TLS 1.3 in which each proves its identity by its key. It carries messages (text frames) and',
  'streams (binary frames). Sealed datagrams beside it carry heartbeats and the election, so that they do not wait behind lost packets of TCP.',
  '',
  '## Versions',
  '',
  `A node says which versions it speaks; the newest that both speak is used. This one speaks ${LINK_VERSIONS.min} to ${LINK_VERSIONS.max} on links, ${PAIRING_PROTOCOL} when it pairs and`,
  `${KEY_CHECK_PROTOCOL} when it asks whether a key fits.`,
  '',
  '- **A new field, message or stream raises `max`** of `LINK_VERSIONS` (main/cluster/link/greeting/link-versions.ts), once per release. Older',
  '  nodes leave out fields that they do not know and refuse streams that they do not know with `unknown-stream-kind`; a message that they do',
  '  not know ends the link, so it is sent only to nodes whose version has it. A new field is optional, and its absence means what the',
  '  older version did, until `min` has passed that version.',
  '- **`min` rises only when two nodes would misunderstand each other**: a field changes its meaning, its unit or its type, a bound becomes',
  '  narrower, or a node relies on an answer that an older one does not give. Prefer a new field beside the old one.',
  '- **`PAIRING_PROTOCOL` and `KEY_CHECK_PROTOCOL`** rise when nodes of before and after could not pair or check a key; there is no',
  '  negotiation before either.',
  '- Where this page changes, one of these rules applies. `npm test` fails until the page is current.',
  '',
  'Nodes check all that they receive against the bounds below. Data that does not parse ends its stream (`stream-rubbish`), or is dropped',
  'and logged.',
  '',
  '## Greeting',
  '',
  'The first frame of either side, before messages and streams:',
  '',
  ...block(Greeting),
  '',
]

const STREAMS_HEAD: readonly string[] = [
  '## Streams',
  '',
  'Longer exchanges have streams of their own, many on one link. A binary frame is its type (1 byte: 0 open, 1 data, 2 end, 3 reset, 4 credit),',
  "the stream's id (4 bytes, big-endian; odd ids are the dialer's) and its payload: JSON `{kind, header}` for open, bytes for data, JSON",
  '`{code, message}` for reset, 4 bytes for credit.',
  '',
  `Limits: ${MAX_STREAMS} streams that each side may have open on a link, a header of ${inBytes(MAX_HEADER_BYTES)}, chunks of ${inBytes(MAX_CHUNK_BYTES)}, and ${inBytes(WINDOW_BYTES)} sent and`,
  'not read yet (credit gives it back). The error of an answer is a reset with its code of [the table](errors.md).',
  '',
]

function formatStream([kind, { request, answer, more }]: readonly [string, PeerStream]): string[] {
  return [
    ...['', `### ${kind}`, '', 'Header:', '', ...block(request)],
    ...(answer ? ['', 'Answer:', '', ...block(answer)] : []),
    ...(more ? ['', 'The opener may say:', '', ...block(more)] : []),
  ]
}

function block(schema: z.ZodType, own: string | null = null): string[] {
  return ['```ts', formatSchema(schema, NAMED, own).replace(/^\n/, ''), '```']
}

function inCode(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ') || '-'
}

function inBytes(bytes: number): string {
  return bytes >= 2 ** 20 ? `${bytes / 2 ** 20} MiB` : `${bytes / 2 ** 10} KiB`
}

function inSeconds(ms: number | null): string {
  return ms === null ? 'as long as its caller' : `${ms / 1000} s`
}
