import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { macLayouts } from '../../main/domain/mac/__fixtures__/mac-layouts.ts'
import { post } from '../node/call-api.ts'
import { MacDesk } from './mac-desk.ts'
import { rdmaLinksOf } from './read-view.ts'
import { shareModels, type SharedModels } from './shared-models.ts'

/** Four Macs in a full mesh of cables, all with RDMA off. */
const nobodysRdma = macLayouts['four Macs, full mesh'].map((mac) => ({
  ...mac,
  rdmaCtl: 'disabled\n',
  ibvDevices: '    device          \t   node GUID\n    ------          \t----------------\n',
  ibvDevinfo: 'No IB devices found\n',
}))
const allOff = [1, 2, 3, 4].map((number) => `rdma-disabled on studio-${number} (rdma_ctl enable, in Recovery)`)

describe('--backend jaccl', () => {
  let models: SharedModels
  let desk: MacDesk
  beforeAll(async () => {
    models = await shareModels()
    desk = await MacDesk.start(nobodysRdma, { modelsDir: models.modelsDir })
  })
  afterAll(async () => {
    await desk?.stop()
    await models?.remove()
  })

  it('is refused over HTTP with the list of what is missing', async () => {
    const { status, body } = await post(desk.apiUrl, '/place_instance', { model_id: models.model, backend: 'jaccl' })
    expect({ status, code: body.error.code }).toEqual({ status: 409, code: 'backend_impossible' })
    for (const reason of allOff) expect(body.error.message).toContain(reason)
    expect(body.error.message).not.toContain('no cable')
  })

  it('ends a node that is to load a model so, with the list of what is missing', async () => {
    const { status, output } = await desk.join(macLayouts['one Mac'][0]!, ['--backend', 'jaccl', '--model', models.model])
    expect(status).toBe(1)
    const [line] = output.split('\n').filter((text) => text.startsWith('exo: '))
    expect(line).toMatch(/^exo: JACCL is not possible here: /)
    for (const reason of allOff) expect(line).toContain(reason)
  })

  it('waits for the peers that it takes', async () => {
    await desk.replug(macLayouts['four Macs, full mesh'])
    await desk.when('a mesh', (view) => rdmaLinksOf(view).length === 12)
    const { status, output } = await desk.join(
      macLayouts['one Mac'][0]!,
      ['--backend', 'jaccl', '--min-nodes', '2', '--model', models.model],
      /^Model\s+\S+\s+ready in/m,
    )
    expect({ status, output }).toMatchObject({ status: 0, output: expect.stringMatching(/^Model\s+local\/smollm2\s+ready in/m) })
    // This machine has no Thunderbolt, and the user is informed.
    expect(output).toMatch(/^\s+TCP ring instead of JACCL mesh: rank \d: the ranks of this instance could not connect over jaccl/m)
  })
})
