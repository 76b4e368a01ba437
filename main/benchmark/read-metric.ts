export interface MetricSample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** The samples of one metric in Prometheus' text format. */
export function readMetric(text: string, name: string): MetricSample[] {
  return text.split('\n').flatMap((line) => {
    const [, found, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line) ?? []
    if (found !== name) return []
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', text = '']) => [key, text.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character))])
    return [{ labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) }]
  })
}
