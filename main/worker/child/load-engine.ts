import { loadBinding, openShard } from '../../../native/index.ts'
import { AppError } from '../../shared/app-error.ts'
import type { EngineOptions } from './engine-options.ts'
import type { ShardEngine } from './shard-engine.ts'

/**
 * @param addonPath - the native addon built by setup
 * @throws AppError `addon-missing`
 */
export async function loadEngine(addonPath: string | undefined, options: EngineOptions): Promise<ShardEngine> {
  if (!addonPath) throw new AppError('addon-missing', 'The path of the native engine is unknown: EXO_NATIVE_ADDON is not set.')
  const binding = loadBinding(addonPath)
  return {
    version: `MLX ${binding.mlxVersion}, ${binding.kernels}`,
    openShard: (spec, onProgress) =>
      openShard(binding, spec, ({ loadedBytes, totalBytes }) => onProgress(loadedBytes, totalBytes), options),
  }
}
