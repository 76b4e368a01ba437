import { describe, expect, it } from 'vitest'
import { redactReport } from './redact-report.ts'

describe('redactReport', () => {
  it('hides addresses, names of machines and of people, each the same way each time', () => {
    const text = '"studio-1 of Anna" at 10.0.0.7 and fe80:0:0:1::2; 10.0.0.8, 10.0.0.7 in /Users/anna/exo, /home/anna/x'
    expect(redactReport(text, ['studio-1', 'studio-1 of Anna'])).toBe(
      '"machine-2" at address-1 and address-3; address-2, address-1 in /Users/user/exo, /home/user/x',
    )
  })
  it('hides a short name only where it stands alone', () =>
    expect(redactReport('{"name": "vm", "kind": "vmxnet"}', ['vm'])).toBe('{"name": "machine-1", "kind": "vmxnet"}'))
  it('leaves versions, times and this machine itself', () => {
    const text = 'exo 0.1.0, 12:30:05, 127.0.0.1:8080, 2026-11-30T18:09:28.123Z, 1.2.3'
    expect(redactReport(text, ['a'])).toBe(text)
  })
})
