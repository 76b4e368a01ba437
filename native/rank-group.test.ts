import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RankGroup } from './__fixtures__/rank-group.ts'
import { Deferred } from './deferred.ts'
import { openTiny, runGeneration } from './__fixtures__/run-generation.ts'
import { makeTinyModel, type TinyModel } from './__fixtures__/tiny-model.ts'

let model: TinyModel
beforeAll(() => {
  model = makeTinyModel()
})
afterAll(() => model.remove())

const inputs = Array.from({ length: 5 }, (_, index) => ({
  promptTokenIds: Array.from({ length: 1 + index * 40 }, (_, position) => (position * 17 + index) % 200),
  sampling: { temperature: 0.8, seed: String(index) },
  maxTokens: 24,
}))

/** The processor time of a process in seconds. */
function processorSeconds(processId: number): number {
  const fields = readFileSync(`/proc/${processId}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}

describe('an instance of several ranks', { timeout: 60_000 }, () => {
  const groups = [
    ['pipeline', 2, false, 'sealed'],
    ['pipeline', 3, false, 'bare'],
    ['tensor', 2, false, 'sealed'],
    ['tensor', 4, false, 'sealed'],
    ['pipeline', 2, true, 'bare'],
    ['tensor', 2, true, 'bare'],
    ['tensor', 2, false, undefined],
  ] as const

  it.each(groups)(
    '%s over %i ranks gives the text of one process (MLX operations: %s, ring: %s)',
    async (strategy, ranks, useArrays, ring) => {
      const alone = await openTiny(model, { contextTokens: 1024 }, { useArrays })
      const expected = await Promise.all(inputs.map((input) => runGeneration(alone, input)))
      await alone.close()
      const group = await RankGroup.open({ modelDir: model.dir, layers: model.layers, strategy, ranks, useArrays, ring })
      const runs = await Promise.all(inputs.map((input) => runGeneration(group, input)))
      expect(runs.map((run) => run.tokenIds)).toEqual(expected.map((run) => run.tokenIds))
      for (let rank = 0; rank < ranks; rank++) expect((await group.stats(rank)).sentBytes).toBeGreaterThan(0)
      // The group also works again after it was idle.
      expect((await runGeneration(group, inputs[2])).tokenIds).toEqual(expected[2]?.tokenIds)
      expect(await group.close()).toEqual(Array.from({ length: ranks }, () => 0))
    },
  )

  it('gives a request the same numbers alone and in company, also where more than two ranks add theirs', async () => {
    const group = await RankGroup.open({ modelDir: model.dir, layers: model.layers, strategy: 'tensor', ranks: 4, useArrays: false })
    const tokensOf = async (input: (typeof inputs)[number]) =>
      (await runGeneration(group, { ...input, topLogprobs: 3 })).events.flatMap((event) =>
        event.type === 'token-delta' ? [event.token] : [],
      )
    const together = await Promise.all(inputs.map(tokensOf))
    for (const [index, input] of inputs.entries()) expect(await tokensOf(input)).toEqual(together[index])
    await group.close()
  })

  it.each([
    ['tensor', 2, false],
    ['tensor', 2, true],
    ['tensor', 4, false],
  ] as const)('%s over %i ranks starts a step before the one before has ended (MLX operations: %s)', async (strategy, ranks, useArrays) => {
    const group = await RankGroup.open({ modelDir: model.dir, layers: model.layers, strategy, ranks, useArrays })
    await runGeneration(group, { ...inputs[1], maxTokens: 60 })
    const { steps } = await group.steps(0)
    const decodes = steps.filter(({ prefilledTokens }) => prefilledTokens === 0)
    // A step that was launched before the last one ended begins where that one ends.
    const ahead = decodes.filter(({ beginMs }, index) => index > 0 && beginMs === decodes[index - 1]?.endMs)
    process.stdout.write(`figure: ${ahead.length} of ${decodes.length} steps of ${ranks} tensor-parallel ranks started ahead\n`)
    expect(decodes.length).toBeGreaterThanOrEqual(58)
    expect(ahead.length).toBeGreaterThanOrEqual(decodes.length - 2)
    await group.close()
  })

  it('rests when it has nothing to do', async () => {
    const group = await RankGroup.open({
      modelDir: model.dir,
      layers: model.layers,
      strategy: 'tensor',
      ranks: 2,
      useArrays: false,
      ring: 'sealed',
    })
    await runGeneration(group, inputs[1])
    const used = () => [0, 1].map((rank) => processorSeconds(group.processId(rank)))
    const usedInASecond = async (): Promise<number> => {
      const before = used()
      await sleep(1000)
      return Math.max(...used().map((seconds, rank) => seconds - (before[rank] as number)))
    }
    await expect.poll(usedInASecond, { timeout: 20_000, interval: 1 }).toBeLessThan(0.05)
    await group.close()
  })

  it.each([0, 1, 2])('tells that a rank is gone when rank %i of three dies in the middle of an answer', async (victim) => {
    const group = await RankGroup.open({
      modelDir: model.dir,
      layers: model.layers,
      strategy: 'pipeline',
      ranks: 3,
      useArrays: false,
      ring: victim === 1 ? 'bare' : 'sealed',
    })
    const killed = new Deferred<void>()
    let tokens = 0
    const run = runGeneration(group, { maxTokens: 900 }, (event) => {
      if (event.type === 'token-delta' && ++tokens === 5) void group.kill(victim).then(killed.resolve)
    })
    await killed.promise
    if (victim !== 0) expect((await run).last).toMatchObject({ type: 'generation-error', code: 'group-failed' })
    const statuses = await group.close()
    expect(statuses).toEqual([0, 1, 2].map((rank) => (rank === victim ? null : 0)))
  })
})
