import { SamplingSettings } from '../../../shared/inference/sampling.ts'

/** The sampling settings of generation_config.json. Invalid values are ignored, because the file is only advisory. */
export function readSampling(generationConfig: Readonly<Record<string, unknown>>): SamplingSettings {
  // Models meant for greedy decoding carry sampling values that are not used.
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
