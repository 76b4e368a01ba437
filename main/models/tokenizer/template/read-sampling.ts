import { SamplingSettings } from '../../../shared/inference/sampling.ts'

/** What generation_config.json says of sampling. Values that make no sense count as unsaid, as the file is only advice. */
export function readSampling(generationConfig: Readonly<Record<string, unknown>>): SamplingSettings {
  // Models that are not to be sampled carry values that nobody uses.
  if (generationConfig['do_sample'] === false) return {}
  const named = {
    temperature: generationConfig['temperature'],
    topP: generationConfig['top_p'],
    topK: generationConfig['top_k'],
    minP: generationConfig['min_p'],
    repetitionPenalty: generationConfig['repetition_penalty'],
  }
  const sensible = Object.entries(named).filter(
    ([key, value]) => value !== undefined && SamplingSettings.safeParse({ [key]: value }).success,
  )
  return SamplingSettings.parse(Object.fromEntries(sensible))
}
