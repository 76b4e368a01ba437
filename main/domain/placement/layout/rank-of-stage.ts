/** Rank 0 holds the LAST stage of a pipeline, with the head and the sampler; stage 0, with the embedding, has the highest rank. */
export function rankOfStage(stage: number, worldSize: number): number {
  return worldSize - 1 - stage
}
