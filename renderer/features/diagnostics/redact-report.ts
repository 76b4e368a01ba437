import { namesInReport } from './names-in-report.ts'

const IPV4 = /(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)/g
/** An IPv6 or hardware address, or a time of day, which is shorter. */
const COLONS = /(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])/gi
const DASHED_HARDWARE_ADDRESS = /(?<![\w-])(?:[0-9a-f]{2}-){5}[0-9a-f]{2}(?![\w-])/gi
const UUID = /(?<![\w-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w-])/gi
/** Names of hosts that only a network at home or in an office knows. */
const LOCAL_HOST = /(?<![\w.-])[\w-]+(?:\.[\w-]+)*\.(?:local|lan|internal|home\.arpa|fritz\.box|ts\.net)(?![\w-])/gi
const MAIL_ADDRESS = /[\w.+%-]+@[\w-]+(?:\.[\w-]+)+/g
const HOME = /([/\\]+(?:Users|home)[/\\]+)([^/"\\\s]+)/g
const LOOPBACK = /^(?:127\.|0\.0\.0\.0$|::1$|::$|[0:-]+$)/

const SECRET_TEXTS: readonly RegExp[] = [
  /-----BEGIN [A-Z ]+-----[\s\S]*?(?:-----END [A-Z ]+-----|$)/g,
  /(?<=\b(?:Bearer|Basic)\s+)[\w.~+/=-]{6,}/gi,
  /(?<=:\/\/)[^/\s@]+(?=@)/g,
  /(?<=(?:^|[?&#\s,;{"'_-])(?:token|password|passwd|secret|api[_-]?key|cluster[_-]?key|key)["']?\s*[=:]\s*["']?)[^\s"'&,;]{6,}/gi,
  /(?<=--(?:api-token|cluster-key|token|key)[ =])\S+/g,
  /\b(?:hf_|sk-|exo-(?=[0-9a-f]{32}))[\w-]{8,}/g,
  /(?<![\w])[0-9a-f]{64,}(?![\w])/gi,
  // A key of 32 bytes in base64 has large and small letters and digits.
  /(?<![\w+/-])(?=[\w+/-]*[a-z])(?=[\w+/-]*[A-Z])(?=[\w+/-]*\d)(?:[\w+/-]{43}=|[\w-]{43}(?![\w+/=-]))/g,
]
const SECRET_NAME = /^(?:.*(?:token|password|secret|authorization|cookie|passphrase|psk)|(?:.*[a-z_-])?key)$/i
/** Fields that hold what people and models wrote. */
const WORDS_NAME = /^(?:(?:system_?)?prompts?|messages|content|input|question|answer|completion|reasoning|arguments)$/i
const ORDINARY_OWNERS = new Set(['shared', 'runner', 'root', 'user', 'exo', 'linuxbrew', 'admin'])
const REMOVED = '[removed]'

/**
 * A report as JSON without what identifies a person or a network, or opens a door: addresses become `address-1` and so on,
 * the same one the same each time, machines and clusters `machine-1`, home folders lose their owner; secrets, and fields
 * with prompts and answers, are removed.
 */
export function redactReport(report: unknown): string {
  const numbered = new Map<string, string>()
  const hide = (kind: string, found: string): string => {
    if (LOOPBACK.test(found)) return found
    const key = found.toLowerCase()
    const name = numbered.get(key) ?? `${kind}-${numbered.size + 1}`
    numbered.set(key, name)
    return name
  }
  const names = namesInReport(report)
  const masks = [
    ...names.map((name, index) => ({ name, mask: `machine-${index + 1}` })),
    ...ownersIn(JSON.stringify(report) ?? '').map((name) => ({ name, mask: 'user' })),
  ]
    .sort((first, second) => second.name.length - first.name.length)
    .map(({ name, mask }) => ({ pattern: wholeWord(name), mask }))
  const clean = (text: string): string => {
    const open = SECRET_TEXTS.reduce((redacted, secret) => redacted.replace(secret, REMOVED), text).replace(HOME, withoutOwner)
    return masks
      .reduce(
        (redacted, { pattern, mask }) => redacted.replace(pattern, mask),
        open.replace(MAIL_ADDRESS, (found) => hide('mail', found)),
      )
      .replace(UUID, (found) => hide('id', found))
      .replace(DASHED_HARDWARE_ADDRESS, (found) => hide('address', found))
      .replace(LOCAL_HOST, (found) => hide('host', found))
      .replace(IPV4, (found) => hide('address', found))
      .replace(COLONS, (found) => (found.includes('::') || found.split(':').length >= 6 ? hide('address', found) : found))
  }
  const redacted = (value: unknown): unknown => {
    if (typeof value === 'string') return clean(value)
    if (Array.isArray(value)) return value.map(redacted)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [clean(name), isHidden(name, item) ? REMOVED : redacted(item)]))
  }
  return JSON.stringify(redacted(report), null, 2)
}

/** Numbers and switches say nothing: a count of tokens stays. */
function isHidden(name: string, value: unknown): boolean {
  const isText = typeof value === 'string' ? value !== '' : typeof value === 'object' && value !== null
  return isText && (WORDS_NAME.test(name) || (SECRET_NAME.test(name) && typeof value === 'string'))
}

const isOrdinary = (owner: string): boolean => ORDINARY_OWNERS.has(owner.toLowerCase())
const withoutOwner = (found: string, folder: string, owner: string): string => (isOrdinary(owner) ? found : `${folder}user`)

const ownersIn = (text: string): string[] => [
  ...new Set([...text.matchAll(HOME)].map((found) => found[2] ?? '').filter((owner) => owner.length > 2 && !isOrdinary(owner))),
]

/** A name inside a longer word is another word. */
function wholeWord(name: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}])${name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}(?![\\p{L}\\p{N}])`, 'giu')
}
