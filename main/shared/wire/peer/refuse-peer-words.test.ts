import { describe, expect, it } from 'vitest'
import { refusePeerWords } from './refuse-peer-words.ts'

const node = 'a'.repeat(32)
const instance = `instance-${'0f'.repeat(12)}`
const bad = ['../../docs', '/etc', 'a', '', '__proto__', 'constructor', 'A'.repeat(32), `${node}\n`, `${instance}/..`]

describe('refusePeerWords', () => {
  it('lets pass what nodes say', () => {
    expect(
      refusePeerWords({
        type: 'state-offer',
        term: 1,
        snapshot: {
          state: {
            nodes: { [node]: { nodeId: node } },
            links: { [node]: [{ kind: 'tcp', from: node, to: node }] },
            instances: { [instance]: { instanceId: instance, card: { modelId: 'org/model' } } },
            storedModels: { [node]: { 'org/model': {} } },
            deletedInstances: [instance],
          },
        },
      }),
    ).toBeNull()
    expect(refusePeerWords({ fallbacks: [{ from: 'JACCL mesh', to: 'JACCL ring', reason: 'a cable' }] })).toBeNull()
    expect(refusePeerWords({ card: { modelId: '/Users/ada/models/own' } })).toBeNull()
    expect(refusePeerWords({ links: [{ kind: 'tcp', from: node, to: node }] })).toBeNull()
  })

  it.each(bad)('A1: refuses %j as an id of a node or an instance, wherever it stands', (id) => {
    for (const key of ['nodeId', 'leaderId', 'instanceId']) expect(refusePeerWords({ a: [{ [key]: id }] })).not.toBeNull()
    for (const key of ['nodes', 'links', 'storedModels', 'instances'])
      expect(refusePeerWords({ snapshot: JSON.parse(`{"${key}":{${JSON.stringify(id)}:1}}`) })).not.toBeNull()
    expect(refusePeerWords({ link: { kind: 'tcp', from: id, to: node } })).not.toBeNull()
    expect(refusePeerWords({ deletedInstances: [id] })).not.toBeNull()
  })

  it.each(['x/../../../y', 'a\0b', '/a/../b', '', 'a'.repeat(1025), '..', 'org/../model'])('A4: refuses %j as a model', (modelId) => {
    for (const key of ['modelId', 'draftModelId']) expect(refusePeerWords({ card: { [key]: modelId } })).not.toBeNull()
  })

  it('A6: refuses keys that every object has', () => {
    for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
      expect(refusePeerWords(JSON.parse(`{"x":{"${key}":{}}}`))).not.toBeNull()
  })

  it('A5: refuses numbers out of all bounds, wherever they stand', () => {
    expect(refusePeerWords({ snapshot: { state: { nodes: { [node]: { totalBytes: 2 ** 53 } } } } })).not.toBeNull()
    expect(refusePeerWords({ events: [{ event: { card: { layers: 1e9 } } }] })).not.toBeNull()
    expect(refusePeerWords(JSON.parse('{"sample":{"epochMs":1e999}}'))).not.toBeNull()
  })

  it('refuses what is nested without end', () => {
    expect(refusePeerWords(JSON.parse('['.repeat(5000) + ']'.repeat(5000)))).not.toBeNull()
  })
})
