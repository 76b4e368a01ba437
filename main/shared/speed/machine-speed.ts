import { z } from 'zod'

/** How fast a machine computes, as `exo calibrate` measures it or as its chip suggests. */
export const MachineSpeed = z.object({
  /** Reading weights from memory. */
  bytesPerSecond: z.number().min(1e6).max(1e15),
  /** Multiplying matrices of 16-bit numbers. */
  flopsPerSecond: z.number().min(1e6).max(1e18),
  /** Starting the kernels of one layer. */
  layerSeconds: z.number().min(0).max(1),
})
export type MachineSpeed = z.infer<typeof MachineSpeed>
