import { beforeEach, describe, expect, it } from 'vitest'
import { answerPeers } from '../../cluster/link/streams/ask-peer.ts'
import { aCard } from '../../domain/cluster/__fixtures__/builders.ts'
import { EMPTY_CLUSTER, type InstanceState } from '../../domain/cluster/cluster-state.ts'
import { isHubId } from '../../models/files/hub-file.ts'
import { AppError } from '../../shared/app-error.ts'
import { InstanceId, ModelId, NodeId } from '../../shared/ids.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import { linkTwo } from '../__fixtures__/link-two.ts'
import { ClusterModels, type ClusterModelsDependencies } from './cluster-models.ts'

const [a, b] = [NodeId.parse('a'), NodeId.parse('b')]
const { signal } = new AbortController()
const secret = aCard({ modelId: ModelId.parse('own-company/secret') })

const builtIn = aCard({ modelId: ModelId.parse('org/built-in'), aliases: ['built-in'] })
const instanceId = InstanceId.parse(`instance-${'0'.repeat(24)}`)
let answered: ModelCard
let placed: ModelCard | null

describe('A4: the models that count as asked for by this user, whose token opens private ones', () => {
  let stored: Record<string, ModelCard>
  let noted: string[]
  let models: ClusterModels
  beforeEach(() => {
    stored = {}
    noted = []
    const [links, linksOfPeer] = linkTwo(a, b)
    // It answers each name with its model, which is the private one unless a test says otherwise.
    answered = secret
    placed = null
    answerPeers(linksOfPeer, 'model-card', () => answered)
    const here = async (name: string): Promise<ModelCard> => {
      const card = stored[name]
      if (!card) throw new AppError('model-not-found', `There is no ${name}.`)
      return card
    }
    models = new ClusterModels({
      local: { card: here, listedCard: here } as unknown as ClusterModelsDependencies['local'],
      hub: {
        idOf: (name) => (name === 'built-in' ? builtIn.modelId : isHubId(name) ? ModelId.parse(name) : null),
        card: () => Promise.reject(new AppError('hub-unreachable', 'The hub cannot be reached.')),
        catalogueCard: (name) => (name === builtIn.modelId || name === 'built-in' ? builtIn : null),
        noteAsked: (modelId) => void noted.push(modelId),
      },
      state: () => (placed ? { ...EMPTY_CLUSTER, instances: { [instanceId]: { card: placed } as InstanceState } } : EMPTY_CLUSTER),
      links: { ...links, peers: () => [{ nodeId: b }] },
      log: { debug: () => undefined, warn: () => undefined } as unknown as ClusterModelsDependencies['log'],
    })
  })

  it('are none that another node answers with', async () => {
    answered = { ...secret, aliases: ['tiny'] }
    expect((await models.card('tiny', signal)).modelId).toBe(secret.modelId)
    await models.cardForOthers(secret.modelId, signal)
    expect(noted).toEqual([])
  })

  it('are those that the user names, and those here that an alias means', async () => {
    stored = { mine: secret }
    await models.card('mine', signal)
    await models.card('org/named', signal).catch(() => undefined)
    expect(noted).toEqual([secret.modelId, 'org/named'])
  })

  it.each([
    ['a name with another model', 'tiny', secret],
    ['an id with another model', 'org/m', { ...secret, aliases: ['org/m'] }],
    ['a name of the catalogue with another model', 'built-in', { ...secret, aliases: ['built-in'] }],
    ['an id of the catalogue with another architecture', 'org/built-in', { ...builtIn, layers: builtIn.layers + 1 }],
    ['a name of the cloud with a model of its own (A2)', 'gpt-4o', { ...secret, aliases: ['gpt-4o'] }],
    ['a name of the cloud with a model of that id', 'claude-x', { ...secret, modelId: ModelId.parse('claude-x') }],
    ['the name of the default with a model of its own', 'default', { ...secret, aliases: ['default'] }],
    ['an alias with a bent model of the catalogue', 'tiny', { ...builtIn, aliases: ['tiny'], vocabSize: 7 }],
  ])('are not those of a node that answers %s', async (_what, name, card) => {
    answered = card
    await expect(models.card(name, signal)).rejects.toMatchObject({ code: 'model-not-found' })
    placed = card
    await expect(models.card(name, signal)).rejects.toMatchObject({ code: 'model-not-found' })
  })

  it.each([
    ['org/m', aCard({ modelId: ModelId.parse('org/m') })],
    ['built-in', builtIn],
    ['org/built-in', { ...builtIn, weightBytes: builtIn.weightBytes + 1 }],
    ['Short', aCard({ modelId: ModelId.parse('org/m'), aliases: ['short'] })],
    ['/models/mine', aCard({ modelId: ModelId.parse('/models/mine') })],
  ])('may be %s of another node, which fits the name', async (name, card) => {
    answered = card
    expect(await models.card(name, signal)).toEqual(card)
  })
})
