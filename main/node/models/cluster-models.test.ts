import { beforeEach, describe, expect, it } from 'vitest'
import { answerPeers } from '../../cluster/link/streams/ask-peer.ts'
import { aCard } from '../../domain/cluster/__fixtures__/builders.ts'
import { EMPTY_CLUSTER } from '../../domain/cluster/cluster-state.ts'
import { isHubId } from '../../models/files/hub-file.ts'
import { AppError } from '../../shared/app-error.ts'
import { ModelId, NodeId } from '../../shared/ids.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import { linkTwo } from '../__fixtures__/link-two.ts'
import { ClusterModels, type ClusterModelsDependencies } from './cluster-models.ts'

const [a, b] = [NodeId.parse('a'), NodeId.parse('b')]
const { signal } = new AbortController()
const secret = aCard({ modelId: ModelId.parse('own-company/secret') })

describe('A4: the models that count as asked for by this user, whose token opens private ones', () => {
  let stored: Record<string, ModelCard>
  let noted: string[]
  let models: ClusterModels
  beforeEach(() => {
    stored = {}
    noted = []
    const [links, linksOfPeer] = linkTwo(a, b)
    // It answers each name with the private model.
    answerPeers(linksOfPeer, 'model-card', () => secret)
    const here = async (name: string): Promise<ModelCard> => {
      const card = stored[name]
      if (!card) throw new AppError('model-not-found', `There is no ${name}.`)
      return card
    }
    models = new ClusterModels({
      local: { card: here, listedCard: here } as unknown as ClusterModelsDependencies['local'],
      hub: {
        idOf: (name) => (isHubId(name) ? ModelId.parse(name) : null),
        card: () => Promise.reject(new AppError('hub-unreachable', 'The hub cannot be reached.')),
        catalogueCard: () => null,
        noteAsked: (modelId) => void noted.push(modelId),
      },
      state: () => EMPTY_CLUSTER,
      links: { ...links, peers: () => [{ nodeId: b }] },
      log: { debug: () => undefined } as unknown as ClusterModelsDependencies['log'],
    })
  })

  it('are none that another node answers with', async () => {
    expect((await models.card('tiny', signal)).modelId).toBe(secret.modelId)
    await models.cardForOthers(secret.modelId, signal)
    expect(noted).toEqual([])
  })

  it('are those that the user names, and those here that an alias means', async () => {
    stored = { mine: secret }
    await models.card('mine', signal)
    await models.card('org/named', signal)
    expect(noted).toEqual([secret.modelId, 'org/named'])
  })
})
