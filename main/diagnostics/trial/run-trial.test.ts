import { describe, expect, it } from 'vitest'
import { systemClock } from '../../platform/clock.ts'
import { AppError } from '../../shared/app-error.ts'
import { clusterOf, doctorHardware } from '../__fixtures__/doctor-facts.ts'
import { runTrial } from './run-trial.ts'
import type { TrialAnswer, TrialNode, TrialSplit } from './trial-node.ts'

const signal = new AbortController().signal
const TCP: TrialSplit = { strategy: 'pipeline', backend: 'ring', nodes: 2 }

/** A cluster that answers every prompt with its length, and knows what it has read. */
class FakeNode implements TrialNode {
  splitAs: TrialSplit | null = null
  readonly known = new Set<string>()
  readonly ways: readonly TrialSplit[]
  readonly machines: number
  answerOf = (prompt: string): string => ` ${prompt.length}`
  failsToLoad = false
  keepsPrompts = true

  constructor(machines: number, ways: readonly TrialSplit[]) {
    this.machines = machines
    this.ways = ways
  }

  async view() {
    return clusterOf(new Map([...doctorHardware('four Macs, full mesh, RDMA off on one')].slice(0, this.machines)))
  }
  async complete(_modelId: string, prompt: string): Promise<TrialAnswer> {
    const isKnown = this.keepsPrompts && this.known.has(prompt)
    this.known.add(prompt)
    return {
      text: this.answerOf(prompt),
      promptTokens: 3000,
      cachedTokens: isKnown ? 2944 : 0,
      prefillTokensPerSecond: 900,
      decodeTokensPerSecond: 80,
    }
  }
  async splits() {
    return this.ways
  }
  async load(_modelId: string, split: TrialSplit) {
    if (this.failsToLoad) throw new AppError('group-failed', 'the ranks could not connect')
    this.splitAs = split
  }
  async unload() {
    this.splitAs = null
  }
}

const trial = (node: TrialNode) => runTrial({ node, clock: systemClock, modelId: 'org/model' }, signal)
const failed = async (node: TrialNode): Promise<string[]> => (await trial(node)).filter(({ state }) => state !== 'ok').map(({ id }) => id)

describe('the trial of a node', () => {
  it('passes on one machine, and says how fast it is', async () => {
    const checks = await trial(new FakeNode(1, []))
    expect(checks.map(({ id, state }) => [id, state])).toEqual(
      ['answer', 'repeat', 'together', 'long-prompt', 'prefix-cache', 'splits'].map((id) => [`trial-${id}`, 'ok']),
    )
    expect(checks[0]?.finding).toBe('org/model answers with 80.0 tokens/s')
  })

  it('tries the widest split of each kind, and leaves the model as one would find it', async () => {
    const node = new FakeNode(4, [TCP, { ...TCP, nodes: 4 }, { ...TCP, nodes: 3 }, { strategy: 'tensor', backend: 'jaccl', nodes: 2 }])
    const findings = (await trial(node)).filter(({ id }) => id.startsWith('trial-split-')).map(({ finding }) => finding)
    expect(findings).toEqual([
      'pipeline over 4 machines by TCP: 80.0 tokens/s, the answer of one machine',
      'tensor over 2 machines by RDMA: 80.0 tokens/s, the answer of one machine',
    ])
    expect(node.splitAs).toBeNull()
  })

  it('fails where an answer is empty, and asks nothing more', async () => {
    const node = new FakeNode(1, [])
    node.answerOf = () => ' '
    expect(await failed(node)).toEqual(['trial-answer'])
  })

  it('fails where the same question has another answer', async () => {
    const node = new FakeNode(1, [])
    let serial = 0
    node.answerOf = () => ` ${(serial += 1)}`
    expect(await failed(node)).toEqual(['trial-repeat', 'trial-together', 'trial-prefix-cache'])
  })

  it('fails where the cache keeps nothing', async () => {
    const node = new FakeNode(1, [])
    node.keepsPrompts = false
    expect(await failed(node)).toEqual(['trial-prefix-cache'])
  })

  it('fails where machines cannot be split over, or a split does not load', async () => {
    expect(await failed(new FakeNode(2, []))).toEqual(['trial-splits'])
    const node = new FakeNode(2, [TCP])
    node.failsToLoad = true
    expect((await trial(node)).find(({ id }) => id === 'trial-split-pipeline-ring')).toMatchObject({
      state: 'problem',
      finding: 'the ranks could not connect',
    })
  })

  it('warns where a split answers otherwise', async () => {
    const node = new FakeNode(2, [TCP])
    node.answerOf = (prompt) => (node.splitAs ? ' other' : ` ${prompt.length}`)
    expect(await failed(node)).toEqual(['trial-split-pipeline-ring'])
  })
})
