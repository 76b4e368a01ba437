import { predictPoint, PUBLISHED_POINTS, type PublishedPoint } from './published-points.ts'

/** Predicted over measured, less 1. */
export function deviationOf(point: PublishedPoint): number {
  return predictPoint(point) / point.measured - 1
}

/** The middle of the deviations, without their signs. */
export function medianDeviation(points: readonly PublishedPoint[]): number {
  const sorted = points.map((point) => Math.abs(deviationOf(point))).sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

/** The table of docs/speed.md: each published measurement beside the prediction for it. */
export function formatSpeedTable(): string {
  const sources = [...new Set(PUBLISHED_POINTS.map(({ source }) => source))]
  const rows = [...PUBLISHED_POINTS]
    .sort((a, b) => Math.abs(deviationOf(b)) - Math.abs(deviationOf(a)))
    .map((point) => `| ${[...formatPoint(point), String(sources.indexOf(point.source) + 1)].join(' | ')} |`)
  return [
    '| machine | model | engine | what | measured | predicted | deviation | source |',
    '| --- | --- | --- | --- | ---: | ---: | ---: | ---: |',
    ...rows,
    '',
    'Sources:',
    '',
    ...sources.map((source, index) => `${index + 1}. ${source}`),
  ].join('\n')
}

function formatPoint(point: PublishedPoint): string[] {
  const { chip, gpuCores, machines, path, strategy, model, quantization, engine, measure, measured } = point
  const deviation = Math.round(deviationOf(point) * 100)
  return [
    `${machines > 1 ? `${machines} × ` : ''}${chip.replace('Apple ', '')}, ${gpuCores} cores${path ? `, ${strategy} over ${path}` : ''}`,
    `${model}, ${quantization}`,
    engine,
    'decodeAt' in measure ? `generation after ${measure.decodeAt} tokens` : `prompt of ${measure.promptOf} tokens`,
    measured.toFixed(1),
    predictPoint(point).toFixed(1),
    `${deviation > 0 ? '+' : ''}${deviation} %`,
  ]
}
