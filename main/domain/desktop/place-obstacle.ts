export interface AppPlace {
  readonly platform: string
  /** The path of the running program. */
  readonly executablePath: string
  /** Its folder cannot be written because its volume cannot. */
  readonly isReadOnlyVolume: boolean
}

/**
 * Why an app cannot be replaced where it is; null: it can. macOS runs what was just downloaded from a copy of its own, and a disk image is
 * read-only.
 */
export function placeObstacle({ platform, executablePath, isReadOnlyVolume }: AppPlace): string | null {
  if (platform !== 'darwin') return null
  if (!isReadOnlyVolume && !executablePath.includes('/AppTranslocation/')) return null
  return 'exo cannot update itself from a disk image or the download folder. Move it to Applications and open it from there.'
}
