import { z } from 'zod'
import { DownloadView } from '../../../main/shared/models/download.ts'
import type { ClusterStoreState } from '../../store/cluster-store.ts'

const parsed = new WeakMap<object, DownloadView[]>()
const NONE: DownloadView[] = []

/** The models on their way to the machines; the same list while the state has the same. */
export function selectDownloads({ view }: ClusterStoreState): DownloadView[] {
  if (view === null) return NONE
  const known = parsed.get(view.downloads)
  if (known) return known
  // A node of another version may tell more or less: what cannot be read is not shown.
  const downloads = z
    .array(z.unknown())
    .parse(view.downloads)
    .flatMap((entry) => DownloadView.safeParse(entry).data ?? [])
  parsed.set(view.downloads, downloads)
  return downloads
}
