import type { BenchmarkTarget, HttpApi } from './benchmark-target.ts'

/** Any server with OpenAI's API. Its loaded models and memory use are not measured. */
export function openAiTarget(url: string, api: HttpApi): BenchmarkTarget {
  return {
    url,
    stream: (path, body, signal) => api.stream(path, body, signal),
    prepare: async () => ({ vocabSize: null, release: async () => undefined }),
    usage: async () => ({ peakMemoryBytes: null, linkBytes: null }),
  }
}
