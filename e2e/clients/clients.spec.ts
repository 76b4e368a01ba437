import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { post } from '../node/call-api.ts'
import { type RunningExo, startExo } from '../node/start-exo.ts'
import { formatClientTable, pinnedVersions, readClientResults, saveClientResults, shortReason } from './client-results.ts'
import type { Client } from './client.ts'
import { clients } from './clients.ts'
import { environmentFolder, NotInstalled } from './environment.ts'
import { type Findings, runDriver } from './run-driver.ts'

const { EXO_CLIENTS = 'quick' } = process.env
/** The output of `train_tool_model.py`. Training takes minutes; a committed model also makes all machines ask the same one. */
const model = join(import.meta.dirname, 'model', 'trained')
const isAll = EXO_CLIENTS !== 'quick'
/** A registry slower than this counts as unreachable. */
const QUICK_INSTALL_LIMIT_MS = 100_000
const SETUP_LIMIT_MS = 900_000
const asked = clients.filter(({ name }) => !isAll || EXO_CLIENTS === 'all' || EXO_CLIENTS.split(',').includes(name))

describe('real clients', () => {
  let node: RunningExo
  const note = (client: Client, { flows, output }: Findings): void => {
    const outcomes = client.flows.map((flow) => [flow, flows.has(flow) ? (flows.get(flow) ?? null) : output] as const)
    const short = Object.fromEntries(outcomes.map(([flow, failure]) => [flow, failure && shortReason(failure)]))
    if (isAll) saveClientResults({ [client.name]: { versions: pinnedVersions(client), flows: short } })
  }
  beforeAll(async () => {
    node = await startExo({ arguments: ['--model', model, '--no-default-model'] })
  }, SETUP_LIMIT_MS)
  afterAll(async () => {
    await node?.stop()
    if (isAll) console.log(formatClientTable(asked, readClientResults()))
  })

  it('have a model that calls a tool and reads what it says', async () => {
    const tools = [
      { type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } } },
    ]
    const ask = async (messages: readonly unknown[]): Promise<any> =>
      (await post(node.apiUrl, '/v1/chat/completions', { model, messages, tools })).body.choices[0].message
    const question = { role: 'user', content: 'How is the weather in Oslo?' }
    const call = await ask([question])
    expect(call.tool_calls?.[0]?.function).toEqual({ name: 'weather', arguments: '{"city":"Oslo"}' })
    const answer = await ask([question, call, { role: 'tool', tool_call_id: call.tool_calls[0].id, content: 'rain' }])
    expect(answer.content).toBe('It says rain.')
  })

  it('have its calls while it writes them: the first piece of the arguments comes before its last token', async () => {
    const tools = [
      { type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } } },
    ]
    const body = {
      model,
      messages: [{ role: 'user', content: 'How is the weather in Oslo?' }],
      tools,
      stream: true,
      return_token_ids: true,
    }
    const response = await fetch(`${node.apiUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const chunks = (await response.text())
      .split('\n')
      .filter((line) => line.startsWith('data: {'))
      .map((line) => JSON.parse(line.slice(6)).choices[0])
    const argumentsOf = (chunk: any): string => chunk?.delta.tool_calls?.[0]?.function.arguments ?? ''
    const first = chunks.findIndex((chunk) => argumentsOf(chunk) !== '')
    expect(first).toBeGreaterThan(0)
    expect(chunks.slice(first + 1).some((chunk) => (chunk?.token_ids ?? []).length > 0)).toBe(true)
    expect(chunks.map(argumentsOf).join('')).toBe('{"city":"Oslo"}')
    expect(chunks.at(-1).finish_reason).toBe('tool_calls')
  })

  describe.each(asked)('$name', (client) => {
    const { name, environment, beside, driver, isQuick = false, flows } = client
    let findings: Findings = { flows: new Map(), output: '' }
    let missing: string | null = null
    beforeAll(async () => {
      if (!isQuick && !isAll) return
      try {
        const folder = await environmentFolder(environment, isAll ? undefined : QUICK_INSTALL_LIMIT_MS)
        const besideFolder = beside && { besideFolder: await environmentFolder(beside) }
        findings = await runDriver(environment, folder, driver, {
          apiUrl: node.apiUrl,
          model,
          modelFolder: model,
          dataDir: node.dataDir,
          ...besideFolder,
        })
        note(client, findings)
      } catch (error) {
        // The default run must not depend on registries, but a run of all clients must fail if one cannot be installed.
        if (!(error instanceof NotInstalled) || (isAll && !error.isUnreachable)) throw error
        missing = error.message
        console.log(`${name} is skipped, since its packages could not be installed: ${missing}`)
      }
    }, SETUP_LIMIT_MS)

    it.skipIf(!isQuick && !isAll).for(flows)('%s', (flow, { skip }) => {
      if (missing !== null) skip(`its packages could not be fetched: ${missing}`)
      expect(
        findings.flows.has(flow) ? findings.flows.get(flow) : `its driver did not come so far:\n${findings.output.slice(-4000)}`,
      ).toBeNull()
    })
  })
})
