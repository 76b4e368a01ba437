/** The weight files that mlx-lm loads from a folder. */
const WEIGHT_FILE = /^model[^/]*\.safetensors$/
const SHARD = /^(model[^/]*-)(\d{5})(-of-)(\d{5})(\.safetensors)$/

/**
 * The files of a model's weights. If the index names missing files and there are others, it was left over from an
 * earlier upload and is ignored: all weight files then count, as without an index.
 *
 * @param paths - the existing files
 * @param indexed - the files that the index names; null without an index
 */
export function weightFilesOf(paths: readonly string[], indexed: ReadonlySet<string> | null): string[] {
  const all = paths.filter((path) => WEIGHT_FILE.test(path))
  if (!indexed || isStale(all, indexed, paths)) return all.sort()
  return [...indexed].sort()
}

function isStale(all: readonly string[], indexed: ReadonlySet<string>, paths: readonly string[]): boolean {
  const present = new Set(paths)
  return [...indexed].some((path) => !present.has(path)) && all.some((path) => !indexed.has(path))
}

/** The weight files, plus further shards implied by their names (`model-00001-of-00003.safetensors`). */
export function withOtherShards(weightFiles: readonly string[]): string[] {
  const all = weightFiles.flatMap((path) => {
    const shard = SHARD.exec(path)
    const count = Number(shard?.[4] ?? 0)
    return shard && count >= 1 && count <= 10_000
      ? Array.from({ length: count }, (_, index) => `${shard[1]}${String(index + 1).padStart(5, '0')}${shard[3]}${shard[4]}${shard[5]}`)
      : [path]
  })
  return [...new Set(all)].sort()
}
