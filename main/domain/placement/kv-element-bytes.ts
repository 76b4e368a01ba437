/** On Metal, keys and values are stored in the model's type: 16-bit floats. */
export const METAL_KV_ELEMENT_BYTES = 2
/** The CPU kernels store them in the type in which they compute. */
const CPU_KV_ELEMENT_BYTES = 4

/** Bytes per value of the KV cache on a machine; a machine without facts counts as a Mac. */
export function kvElementBytes(platform: string | undefined): number {
  return platform === undefined || platform === 'darwin' ? METAL_KV_ELEMENT_BYTES : CPU_KV_ELEMENT_BYTES
}
