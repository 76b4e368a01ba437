import { z } from 'zod'
import { DownloadView } from '../../../../main/shared/models/download.ts'
import type { ClusterStoreState } from '../../../store/cluster-store.ts'

const parsed = new WeakMap<object, DownloadView[]>()
const NONE: DownloadView[] = []

/** The downloads of all machines. The list keeps its identity while the downloads do not change. */
export function selectDownloads({ view }: ClusterStoreState): DownloadView[] {
  if (view === null) return NONE
  const known = parsed.get(view.downloads)
  if (known) return known
  // A node of another version may report other fields. What cannot be parsed is not shown.
  const downloads = z
    .array(z.unknown())
    .parse(view.downloads)
    .flatMap((entry) => DownloadView.safeParse(entry).data ?? [])
  parsed.set(view.downloads, downloads)
  return downloads
}
