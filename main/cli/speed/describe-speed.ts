import type { NoForecast, SpeedForecast, SpeedRange } from '../../shared/speed/speed-forecast.ts'
import { formatBytes } from '../../shared/formats/byte-size.ts'

/** A range as people read it: `18 to 25`. */
export function describeRange({ low, high }: SpeedRange): string {
  const digits = high < 10 ? 1 : 0
  return `${low.toFixed(digits)} to ${high.toFixed(digits)}`
}

/** The lines of `exo plan` about the speed. */
export function describeSpeed(speed: SpeedForecast | NoForecast): string[] {
  if ('unknown' in speed) return [`Speed: ${speed.unknown}`]
  const decode = speed.decode
    .filter(({ tokensPerSecond }) => tokensPerSecond !== null)
    .map(
      ({ contextTokens, tokensPerSecond }) =>
        `${tokensPerSecond ? describeRange(tokensPerSecond) : ''} tok/s ` +
        `${contextTokens === 0 ? 'at the start' : `at ${contextTokens / 1024}k`}`,
    )
  return [
    `Answers: ${decode.join(', ')}`,
    `Prompts: ${describeRange(speed.prefillTokensPerSecond)} tok/s; the first token of a prompt of 4k ` +
      `after ${describeRange(speed.firstTokenSeconds)} s`,
    `Eight requests at once: ${describeRange(speed.sharedTokensPerSecond)} tok/s together`,
    `Memory left: ${speed.memoryLeft.map(({ nodeId, bytes }) => `${nodeId} ${formatBytes(bytes)}`).join(', ')}`,
    speed.basis === 'measured' ? 'The machines are calibrated.' : 'Estimated from the specification of the chips; exo calibrate measures.',
  ]
}
