import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { createMetrics } from './create-metrics.ts'

const folder = join(import.meta.dirname, '..', '..', 'docs', 'monitoring')
const read = (file: string): string => readFileSync(join(folder, file), 'utf8')

const Panel = z.object({
  id: z.int(),
  title: z.string().min(1),
  type: z.enum(['timeseries', 'stat']),
  gridPos: z.object({ x: z.int().min(0).max(23), y: z.int().min(0), w: z.int().min(1).max(24), h: z.int().min(1) }),
  targets: z.array(z.object({ expr: z.string().min(1), refId: z.string().length(1), legendFormat: z.string() })).min(1),
})
const Dashboard = z.object({ uid: z.string(), title: z.string(), schemaVersion: z.int(), panels: z.array(Panel).min(1) })
const Alerts = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^Exo\w+$/),
          expr: z.string(),
          for: z.string().optional(),
          labels: z.object({ severity: z.enum(['info', 'warning', 'critical']) }),
          annotations: z.strictObject({ summary: z.string(), description: z.string() }),
        }),
      ),
    }),
  ),
})

/** The names of all metrics that a node has. */
async function metricNames(): Promise<Set<string>> {
  const metrics = createMetrics({
    nodeId: 'n',
    version: '1',
    snapshot: () => ({
      activeInferences: 0,
      shards: [],
      instances: [],
      peers: [],
      links: [],
      leader: null,
      downloads: { active: 0, done: 0, failed: 0, cancelled: 0, bytes: 0 },
      memory: { totalBytes: 1, availableBytes: 1 },
      history: { isOn: true, droppedRows: 0 },
      process: { residentBytes: 1, cpuSeconds: 1, startedAtEpochMs: 1 },
    }),
  })
  return new Set([...(await metrics.render()).matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name))
}

async function unknownMetricsIn(expressions: readonly string[]): Promise<string[]> {
  const names = await metricNames()
  const used = expressions.flatMap((expr) => expr.match(/\bexo_\w+/g) ?? [])
  expect(used.length).toBeGreaterThan(5)
  return used.filter((name) => !names.has(name.replace(/_(bucket|sum|count)$/, '')))
}

describe('the monitoring files', () => {
  it('have a dashboard whose panels do not overlap and use metrics that exist', async () => {
    const { panels } = Dashboard.parse(JSON.parse(read('grafana-dashboard.json')))
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true)
    expect(await unknownMetricsIn(panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)))).toEqual([])
  })

  it('have alerts that use metrics that exist, and say what to do', async () => {
    const rules = Alerts.parse(parse(read('alerts.yml'))).groups.flatMap((group) => group.rules)
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
    expect(await unknownMetricsIn(rules.map(({ expr }) => expr))).toEqual([])
  })
})
