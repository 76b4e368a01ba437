import type { IdleFigures } from './measure-idle-nodes.ts'
import type { LayoutFigures, RankFigures, SealingFigures } from './measure-ranks.ts'

/** Formats the cost of two ranks and the times of MLX's own group for a vector of the same size. */
export function formatRanks(title: string, { layouts, sealing, bare, allSumsPerToken }: RankFigures): string {
  const { one } = layouts
  const row = (name: string, layout: LayoutFigures | string, bareMs: number | null, bareName: string): string => {
    if (typeof layout === 'string') return `  ${name.padEnd(20)} not possible: ${layout}`
    const beside = typeof one === 'string' || layout === one ? '' : `, ${(layout.msPerToken / one.msPerToken).toFixed(2)}x of one process`
    const wire = layout === one || layout.bytesPerToken === null ? '' : `, ${Math.round(layout.bytesPerToken)} bytes on the wire`
    const own = bareMs === null ? '' : `; MLX alone: ${bareName} ${bareMs.toFixed(3)} ms`
    const all =
      typeof one === 'string' || layout === one ? '' : ` (${(layout.totalTokensPerSecond / one.totalTokensPerSecond).toFixed(2)}x)`
    return (
      `  ${name.padEnd(20)} ${layout.msPerToken.toFixed(2)} ms per token${beside}; 4 streams: ` +
      `${layout.totalTokensPerSecond.toFixed(1)} tokens/s in all${all}${wire}${own}`
    )
  }
  const sealedRow = (
    name: string,
    unsealed: LayoutFigures | string,
    sealed: LayoutFigures | string,
    costs: SealingFigures | null,
  ): string => {
    if (typeof unsealed === 'string' || typeof sealed === 'string' || !costs)
      return `  ${name.padEnd(20)} ${typeof sealed === 'string' ? `not possible: ${sealed}` : 'no baseline'}`
    const percent = (ratio: number): string => `${ratio >= 1 ? '+' : ''}${(100 * (ratio - 1)).toFixed(1)} %`
    return (
      `  ${name.padEnd(20)} ${sealed.msPerToken.toFixed(2)} ms per token, ${percent(costs.timeRatio)} in ` +
      `pairs; 4 streams: ${sealed.totalTokensPerSecond.toFixed(1)} tokens/s in all, ` +
      `${percent(costs.ofStreamsRatio)} time`
    )
  }
  return [
    title,
    row('one process', one, null, ''),
    row('pipeline of 2 ranks', layouts.pipeline, bare.pingPongMs, 'round trip'),
    sealedRow('  the same, sealed', layouts.pipeline, layouts.sealedPipeline, sealing.pipeline),
    row('tensor of 2 ranks', layouts.tensor, bare.allSumMs * allSumsPerToken, `${allSumsPerToken} sums of ${bare.allSumMs.toFixed(3)} ms,`),
    sealedRow('  the same, sealed', layouts.tensor, layouts.sealedTensor, sealing.tensor),
  ].join('\n')
}

export function formatIdle({ nodes, seconds, processorRatio, bytesPerSecond, packetsPerSecond }: IdleFigures): string {
  const processor = processorRatio === null ? 'unknown' : `${(processorRatio * 100).toFixed(2)} % of a core`
  const network =
    bytesPerSecond === null ? 'unknown traffic' : `${Math.round(bytesPerSecond)} bytes/s in ${Math.round(packetsPerSecond ?? 0)} packets/s`
  return `${nodes} idle nodes, over ${seconds} s, each: ${processor}, ${network} sent`
}
