export interface AppPlace {
  readonly platform: string
  /** The path of the running program. */
  readonly executablePath: string
  /** Its folder is not writable because the volume is read-only. */
  readonly isReadOnlyVolume: boolean
}

/**
 * Why an app cannot be replaced at its location; null: it can. macOS runs a newly downloaded app from a separate copy,
 * and a disk image is read-only.
 */
export function placeObstacle({ platform, executablePath, isReadOnlyVolume }: AppPlace): string | null {
  if (platform !== 'darwin') return null
  if (!isReadOnlyVolume && !executablePath.includes('/AppTranslocation/')) return null
  return 'exo cannot update itself from a disk image or the download folder. Move it to Applications and open it from there.'
}
