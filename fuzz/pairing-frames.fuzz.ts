import { PairingFrame } from '../main/cluster/pairing/pairing-frame.ts'
import type { FuzzTarget } from './fuzz-target.ts'

const hex = 'ab'.repeat(32)

export default {
  seeds: [
    { type: 'request', protocol: 1, clusterName: 'home', nodeName: 'studio', commitment: hex },
    { type: 'nonce', nodeName: 'studio', nonce: hex },
    { type: 'key', clusterKey: 'a long key of a cluster' },
    { type: 'key-check', protocol: 3, clusterName: 'home', keyShare: hex },
    { type: 'key-share', keyShare: hex },
    { type: 'key-proof', keyProof: hex },
    { type: 'key-fits', keyProof: hex },
    { type: 'refusal', code: 'busy' },
  ].map((frame) => JSON.stringify(frame)),
  words: ['"type"', '"key-fits"', '"confirm"', '"reveal"'],
  run(bytes) {
    const value = asJson(bytes)
    if (value === undefined) return
    const parsed = PairingFrame.safeParse(value)
    if (parsed.success && JSON.stringify(parsed.data).length > 4096) throw new Error('a frame without a bound')
  },
} satisfies FuzzTarget

function asJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}
