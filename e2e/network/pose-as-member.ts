/**
 * Runs on a lab host, `pose-as-member.ts HOST PORT CLUSTER`: a stranger who knows a cluster's name tries every way
 * of the link protocol to get in, and prints the result of each.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { dialKnock } from '../../main/cluster/admission/dial-knock.ts'
import { openIdentity } from '../../main/cluster/identity/open-identity.ts'
import { createLinks } from '../../main/cluster/link/create-links.ts'
import { PAIRING_PROTOCOL } from '../../main/cluster/pairing/pairing-frame.ts'
import { systemClock as clock } from '../../main/platform/clock.ts'
import { createLog } from '../../main/platform/log/log.ts'
import { systemRandom as random } from '../../main/platform/random.ts'

const host = process.argv[2] ?? ''
const port = Number(process.argv[3])
const clusterName = process.argv[4] ?? 'default'
const LIMIT_MS = 20_000
const log = createLog({ level: 'silent', format: 'json', write: () => undefined })
const folder = mkdtempSync(join(tmpdir(), 'stranger-'))

async function tryLink(what: string, clusterKey: string | null): Promise<void> {
  const identity = await openIdentity(join(folder, what.replaceAll(' ', '-')), { log, random })
  const links = createLinks<unknown>({
    identity,
    nodeName: 'your Mac',
    totalBytes: 1e12,
    clusterName,
    clusterKey,
    listen: { host: null, port: 0 },
    schema: z.unknown(),
    clock,
    random,
    log,
  })
  await links.listen()
  links.dial({ host, port, nodeId: null, isStatic: true, delayMs: 0 })
  const endMs = clock.now() + LIMIT_MS
  while (links.peers().length === 0 && links.refused().length === 0 && clock.now() < endMs) await clock.sleep(20)
  const outcome = links.peers().length > 0 ? 'LINKED' : (links.refused()[0]?.code ?? 'nothing')
  process.stdout.write(`${what}: ${outcome}\n`)
  await links.close()
}

async function tryKnock(what: string, standing: { stage: 'solo' | 'forming' | 'settled'; hasAdmitted: boolean }): Promise<void> {
  const identity = await openIdentity(join(folder, what.replaceAll(' ', '-')), { log, random })
  const signal = AbortSignal.timeout(LIMIT_MS)
  const { channel } = await dialKnock({ host, port }, identity, () => ({ host, isNeighbour: true, isOnCable: true }), signal)
  channel.send({
    type: 'knock',
    protocol: PAIRING_PROTOCOL,
    clusterName,
    nodeName: 'your Mac',
    peerPort: 7000,
    standing: { ...standing, lineage: '0'.repeat(32), keyId: '0'.repeat(32), isJustStarted: false },
  })
  const answer = await channel.receive('knocked', signal)
  const next = await channel.receiveAny(signal).then(
    (frame) => frame.type,
    () => 'nothing more',
  )
  process.stdout.write(`${what}: ${answer.act}, ${next}\n`)
  channel.close()
}

try {
  await tryLink('no proof', null)
  await tryLink('a made-up key', '5'.repeat(64))
  await tryKnock('a knock later', { stage: 'solo', hasAdmitted: false })
  await tryKnock('a knock that says to be a cluster', { stage: 'settled', hasAdmitted: true })
} finally {
  rmSync(folder, { recursive: true, force: true })
}
