import { expect, it } from 'vitest'
import { PlacementRequest } from '../../../shared/placement.ts'
import { aCard, GB } from '../../cluster/__fixtures__/builders.ts'
import { Desk, deskTopology } from '../desk.ts'
import { expectSpeed } from './expect-speed.ts'
import { planFromTopology } from './plan-from-topology.ts'

const card = aCard({ layers: 32, weightBytes: 16 * GB, hiddenSize: 4096, vocabSize: 32_000, attentionHeads: 32, kvHeads: 8, headDim: 128 })
const request = { contextTokens: 4096 }
const desk = (chip: string, memoryGigabytes: number) =>
  deskTopology(Desk.parse({ machines: { a: { chip, memoryGigabytes }, b: { chip, memoryGigabytes } } }))

it.each([
  ['one machine', 64, 1],
  ['two machines', 16, 2],
])('is the speed that exo plan tells, on %s', (_name, memoryGigabytes, machines) => {
  const topology = desk('M4 Max', memoryGigabytes)
  const { speed } = planFromTopology(card, topology, request)
  const tokensPerSecond = 'decode' in speed && speed.decode[0]?.tokensPerSecond
  expect(expectSpeed(card, topology, PlacementRequest.parse(request))).toEqual({ machines, tokensPerSecond })
})

it.each([
  ['the model does not fit', 'M4 Max', 4],
  ['the speed of a machine is unknown', 'Intel Core i9', 64],
])('is null if %s', (_name, chip, memoryGigabytes) => {
  expect(expectSpeed(card, desk(chip, memoryGigabytes), PlacementRequest.parse(request))).toBeNull()
})
