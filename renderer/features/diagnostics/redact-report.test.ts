import { describe, expect, it } from 'vitest'
import { namesInReport } from './names-in-report.ts'
import { redactReport } from './redact-report.ts'

const state = {
  clusterName: 'Müller family',
  nodes: { abcd: { name: 'studio-1' }, efgh: { name: 'vm' }, ijkl: { name: 'Anna "Ann" Müller’s Mac' } },
}
/** What becomes of a text in the log of a report. */
const told = (text: string): string => {
  const { log } = JSON.parse(redactReport({ state, diagnostics: {}, log: { lines: [{ text }] } })) as {
    readonly log: { readonly lines: readonly [{ readonly text: string }] }
  }
  return log.lines[0].text
}
const KEY = '0123456789abcdef'.repeat(4)

describe('redactReport', () => {
  it.each([
    ['machines', 'studio-1 left, then VM', 'machine-2 left, then machine-3'],
    ['names with quotes', 'Anna "Ann" Müller’s Mac joined Müller family', 'machine-4 joined machine-1'],
    ['the owner of a home', 'exo of anna: /Users/anna/exo, Anna-laptop', 'exo of user: /Users/user/exo, user-laptop'],
    ['homes on Linux', 'open file:///home/otto/x', 'open file:///home/user/x'],
    ['homes on Windows', 'C:\\Users\\Otto\\models', 'C:\\Users\\user\\models'],
    ['mail', 'for anna.m+exo@example.org.', 'for mail-1.'],
    ['addresses, each the same', '10.0.0.7:80 and 10.0.0.8, 10.0.0.7', 'address-1:80 and address-2, address-1'],
    ['IPv6', '[fe80::1]:80, 2001:db8::7, fd00:1:2:3:4:5:6:7', '[address-1]:80, address-2, address-3'],
    ['hardware addresses', '3c:22:fb:01:02:03 = 3C-22-FB-01-02-04', 'address-2 = address-1'],
    ['hosts of a network', 'http://annas-imac.local:8080 nas.fritz.box', 'http://host-1:8080 host-2'],
    ['identifiers of hardware', 'domain 0F1E2D3C-1111-2222-3333-444455556666', 'domain id-1'],
    ['bearer tokens', 'Authorization: Bearer abc.DEF-123456', 'Authorization: Bearer [removed]'],
    ['tokens of the hub', 'refused hf_AbCdEfGhIjKl', 'refused [removed]'],
    ['tokens of exo', `with exo-${KEY}`, 'with [removed]'],
    ['tokens in addresses', 'GET /state?token=s3cret-word&a=1', 'GET /state?token=[removed]&a=1'],
    ['tokens after a #', '/#token=s3cret-word', '/#token=[removed]'],
    ['options', 'exo --cluster-key open-sesame --port 8', 'exo --cluster-key [removed] --port 8'],
    ['variables', 'HF_TOKEN=abcdefgh EXO_CLUSTER_KEY=hijklmnop', 'HF_TOKEN=[removed] EXO_CLUSTER_KEY=[removed]'],
    ['passwords of proxies', 'via http://anna:pw@proxy.example.org:3128', 'via http://[removed]@proxy.example.org:3128'],
    ['keys of clusters', `key ${KEY}`, 'key [removed]'],
    ['keys in base64', 'psk q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=', 'psk [removed]'],
    ['private keys', '-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY-----\nafter', '[removed]\nafter'],
  ])('hides %s', (_kind, text, expected) => expect(told(text)).toBe(expected))

  it.each([
    'exo 0.1.0, 12:30:05, 127.0.0.1:8080, ::1, 2026-11-30T18:09:28.123Z, 1.2.3',
    'vmxnet is no machine; mlx::core::add failed',
    '/Users/Shared/models/mlx-community/Qwen3-Coder-480B-A35B-Instruct-4bit-DWQ-v2',
    'commit 9597766dcafe1234567890abcdef1234567890ab, 2048 tokens, key: none',
  ])('leaves %j', (text) => expect(told(text)).toBe(text))

  it.each([
    [{ apiToken: 'abc', clusterKey: 'def', privateKey: 'x', key: 'y', cookie: 'z' }],
    [{ messages: [{ role: 'user', content: 'abc' }], prompt: 'abc', systemPrompt: 'abc', input: ['abc'] }],
  ])('removes what stands under the name of a secret or of a text of the user: %j', (fields) =>
    expect(Object.values(JSON.parse(redactReport({ state: { deep: fields } })).state.deep)).toEqual(
      Object.values(fields).map(() => '[removed]'),
    ),
  )

  it('leaves counts and switches under such names', () => {
    const facts = { maxToken: 7, hasKey: true, token: null, promptTokens: 3, decodeTokensPerSecond: 2.5 }
    expect(JSON.parse(redactReport(facts))).toEqual(facts)
  })
  it('hides names and addresses that are keys', () =>
    expect(JSON.parse(redactReport({ nodes: { a: { name: 'studio-1' } }, skew: { 'studio-1': 1, '10.0.0.7': 2 } })).skew).toEqual({
      'machine-1': 1,
      'address-1': 2,
    }))
})

describe('namesInReport', () => {
  it('are those of machines and clusters, and not of interfaces or models', () =>
    expect(
      namesInReport({
        state: {
          clusterName: 'desk',
          nodes: { a: { name: 'one' } },
          admission: { members: [{ nodeId: 'b', name: 'two' }], waiting: [{ name: 'three' }] },
        },
        diagnostics: { hardware: { a: { name: 'one', interfaces: [{ name: 'en0' }] } } },
        log: { name: 'four', lines: [] },
        checks: { checks: [{ name: 'memory' }] },
      }),
    ).toEqual(['desk', 'one', 'two', 'three', 'four']))
})
