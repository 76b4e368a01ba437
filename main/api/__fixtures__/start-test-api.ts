/* eslint-disable @typescript-eslint/no-unsafe-assignment -- tests read answers of many shapes */
import { systemClock } from '../../platform/clock.ts'
import { randomUUID } from 'node:crypto'
import { AppError } from '../../shared/app-error.ts'
import { ClusterView } from '../../shared/cluster-view.ts'
import { InstanceId, ModelId, NodeId } from '../../shared/ids.ts'
import { ModelCard } from '../../shared/models/model-card.ts'
import { scriptedMcp } from './scripted-mcp.ts'
import { NO_PRESETS } from '../../shared/chats/chat-presets.ts'
import type { ModelSettings } from '../../shared/models/model-settings.ts'
import { TRIT_OF_ROLE, type TrifurcatedRole } from '../../shared/wire/api/trifurcated.ts'
import type { Membership } from '../../shared/wire/api/membership.ts'
import { MODEL_FAMILIES } from '../../shared/models/model-families.ts'
import { localSettings } from '../../shared/wire/api/__fixtures__/local-settings.ts'
import type { ApiDependencies, ApiOptions } from '../api-dependencies.ts'
import { createApi } from '../create-api.ts'
import { type MemoryChatFiles, memoryChatFiles } from './memory-chat-files.ts'
import { scriptedDerived } from './scripted-derived.ts'
import type { ScriptedInference, Script } from './scripted-inference.ts'
import { scriptedDownloads } from './scripted-downloads.ts'
import { scriptedInference } from './scripted-inference.ts'
import { scriptedTokens } from './scripted-tokens.ts'

export const TEST_CARD = ModelCard.parse({
  modelId: 'org/tiny',
  aliases: ['tiny'],
  family: 'llama',
  layers: 2,
  hiddenSize: 8,
  attentionHeads: 2,
  kvHeads: 1,
  headDim: 4,
  vocabSize: 100,
  weightBytes: 1000,
  contextTokens: 2048,
})

export const TEST_STATE = ClusterView.parse({
  nodeId: 'node-a',
  clusterName: 'default',
  leader: null,
  nodes: {},
  links: [],
  instances: {
    'instance-1': {
      modelId: 'org/tiny',
      strategy: 'pipeline',
      backend: 'local',
      epoch: 0,
      status: 'ready',
      shards: [],
      rdmaMatrix: null,
      decodeTokensPerSecond: null,
      prefillTokensPerSecond: null,
    },
  },
  downloads: [],
})

export const TEST_MEMBERSHIP: Membership = {
  clusterName: 'default',
  hasKey: true,
  admission: 'members',
  closed: { members: [], waiting: [], letInBy: null, isWindowOpen: false },
  ownClusterName: 'mine (a1b2)',
  isSwitching: false,
  nearby: [],
  pairing: null,
}

/** Untyped: each test knows the shape that it expects. */
type Json = ReturnType<typeof JSON.parse>

export interface TestAnswer {
  readonly status: number
  readonly body: Json
  readonly headers: Headers
}

export interface TestApi {
  readonly url: string
  readonly inference: ScriptedInference
  readonly chatFiles: MemoryChatFiles
  readonly logged: string[]
  readonly deletedInstances: string[]
  /** The requested keep times of models, in the order of the requests. */
  readonly keeps: (readonly [modelId: string, keepMs: number | null])[]
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<TestAnswer>
  get(path: string, headers?: Record<string, string>): Promise<TestAnswer>
  drain(limitMs: number): Promise<void>
  close(): Promise<void>
}

async function read(response: Response): Promise<TestAnswer> {
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
  const body: Json = isJson ? JSON.parse(text) : text
  return { status: response.status, body, headers: response.headers }
}

/** A real API on a free port, with `script` in place of a router. */
export async function startTestApi(
  script: Script,
  options: Partial<ApiOptions> = {},
  cluster: Partial<ApiDependencies['cluster']> = {},
  membership: Partial<ApiDependencies['membership']> = {},
  timers: ApiDependencies['timers'] = systemClock,
): Promise<TestApi> {
  const inference = scriptedInference(script)
  const chatFiles = memoryChatFiles()
  let presets = NO_PRESETS
  const logged: string[] = []
  const deletedInstances: string[] = []
  const keeps: (readonly [string, number | null])[] = []
  const refused: number[] = []
  const modelSettings = new Map<string, ModelSettings>()
  const log = (message: string, fields: Record<string, unknown>): void => void logged.push(`${message} ${JSON.stringify(fields)}`)
  const api = await createApi(
    {
      inference,
      history: { recent: async () => [], sql: async () => ({ columns: [], rows: [], truncated: false }) },
      models: {
        catalogue: async () => [{ modelId: 'org/tiny', aliases: ['tiny'], loaded: true, card: TEST_CARD, isHere: true, isOurs: true }],
        ...scriptedDerived([
          { modelId: 'org/tiny', aliases: ['tiny'], loaded: true, card: TEST_CARD },
          { modelId: '/models/other', aliases: [], loaded: false },
        ]),
        isSupported: (family) => MODEL_FAMILIES.includes(family),
        searchHub: async (words, limit) =>
          ['qwen3', 'unheard-of', null].map((family) => ({
            modelId: ModelId.parse(`org/${words}`),
            downloads: 7,
            likes: 1,
            isGated: false,
            family,
            weightBytes: limit,
          })),
        tokenizerFacts: async (modelId) =>
          modelId === 'org/tiny'
            ? { tokenizerClass: 'TinyTokenizer', specialTokens: { eos_token: '</s>' }, chatTemplate: '{{ messages }}' }
            : null,
        alias: async (name) => (name === 'mine' ? 'org/tiny' : null),
      },
      chatFiles,
      mcp: scriptedMcp,
      chatPresets: { all: async () => presets, change: async (next) => void (presets = next(presets)) },
      downloads: scriptedDownloads(),
      metrics: {
        contentType: 'text/plain; version=0.0.4; charset=utf-8',
        render: async () => `refused ${refused.join(',')}\n`,
        countRefusedRequest: (status) => void refused.push(status),
      },
      traces: {
        find: async (id) =>
          id === 'last' ? { traceEvents: [{ name: 'token', ph: 'X' }], displayTimeUnit: 'ms', otherData: { requestId: 'r1' } } : null,
      },
      cluster: {
        nodeId: () => 'node-a',
        state: () => TEST_STATE,
        onState: () => undefined,
        instance: (id) => Object.entries(TEST_STATE.instances).find(([instanceId]) => instanceId === id)?.[1] ?? null,
        placeInstance: async ({ modelId }) => {
          if (modelId !== 'org/tiny') throw new AppError('model-not-found', `There is no model '${modelId}'.`)
          return { instanceId: 'instance-2', modelId }
        },
        loadModel: async ({ model }) => {
          if (model !== 'org/tiny') throw new AppError('model-not-found', `There is no model '${model}'.`)
        },
        keepModel: (modelId, keepMs) => void keeps.push([modelId, keepMs]),
        expiryOf: () => null,
        deleteInstance: async (id) => void deletedInstances.push(id),
        peers: () => [{ nodeId: 'node-b', status: 'linked' }],
        diagnostics: () => ({}),
        logs: async (node, { after, lines }) => ({
          nodeId: node ?? 'node-a',
          name: node ?? 'node-a',
          lines: [{ time: '2026-01-02T03:04:05.000Z', level: 'info', text: `${lines} lines after ${after ?? 'the beginning'}` }],
          lostLines: 0,
          end: '0123456789abcdef-1',
          hasMore: false,
        }),
        measureLinks: async () => [
          {
            from: NodeId.parse('node-a'),
            to: NodeId.parse('node-b'),
            kind: 'tcp',
            address: '10.0.0.2',
            medium: 'ethernet',
            roundTripMs: 0.5,
            throughputBytesPerSecond: 1e8,
          },
        ],
        previews: async (request) => [{ strategy: 'pipeline', backend: 'local', ...request }],
        expectedSpeed: async () => null,
        ...cluster,
      },
      modelSettings: {
        all: async () => Object.fromEntries(modelSettings),
        set: async (model, settings) => {
          if (model !== 'tiny') throw new AppError('model-not-found', `There is no model '${model}'.`)
          modelSettings.set('org/tiny', settings)
          return { modelId: 'org/tiny', settings }
        },
      },
      trifurcation: {
        assignGroups: async ({ main, validator, speculative }) => {
          if (main === 'none') throw new AppError('model-not-found', "There is no model 'none'.")
          const group = (role: TrifurcatedRole, model: string | null) => ({
            ...{
              role,
              trit: TRIT_OF_ROLE[role],
              model: model ?? main,
              instanceId: InstanceId.parse(`instance-${role}`),
              nodes: [NodeId.parse('node-a')],
              sharesWith: [],
            },
            notice: model === null ? `${main} stands in` : null,
          })
          return [group('validator', validator), group('main', main), group('speculative', speculative)]
        },
        drawSeed: () => '42',
      },
      node: {
        settings: () => localSettings,
        changeSettings: async ({ hubToken, ...part }) => ({
          ...localSettings,
          chosen: { ...localSettings.chosen, ...part },
          hasHubToken: typeof hubToken === 'string',
        }),
        prove: (challenge) => challenge,
        doctor: async () => ({ checks: [{ id: 'disk', title: 'Disk', state: 'warning', finding: 'nearly full', fix: 'delete models' }] }),
      },
      membership: {
        view: () => TEST_MEMBERSHIP,
        onChange: () => undefined,
        join: async () => undefined,
        leave: async () => undefined,
        startPairing: async () => undefined,
        confirmPairing: () => undefined,
        admit: async () => undefined,
        refuse: async () => undefined,
        remove: async () => undefined,
        cancelPairing: () => undefined,
        ...membership,
      },
      tokens: scriptedTokens(),
      clock: systemClock,
      timers,
      newId: () => randomUUID().replaceAll('-', ''),
      log: { debug: log, info: log, warn: log, error: log },
    },
    { version: '0.0.0', apiToken: null, ...options },
  )
  const { port } = await api.listen({ host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    inference,
    chatFiles,
    logged,
    deletedInstances,
    keeps,
    post: async (path, body, headers = {}) =>
      read(
        await fetch(url + path, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }),
      ),
    get: async (path, headers = {}) => read(await fetch(url + path, { headers })),
    drain: (limitMs) => api.drain(limitMs),
    close: () => api.close(),
  }
}
