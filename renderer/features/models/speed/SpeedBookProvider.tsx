import { createContext, type ReactNode, useContext, useMemo } from 'react'
import { z } from 'zod'
import { ExpectedSpeed } from '../../../../main/shared/speed/expected-speed.ts'
import { useServices } from '../../../services/services.ts'
import { useClusterStore } from '../../../store/cluster-store.ts'
import { selectLoadedModels, selectNodeIds } from '../../../store/select-cluster.ts'
import { createSpeedBook, type SpeedBook } from './speed-book.ts'

const Speeds = z.object({ speeds: z.record(z.string(), ExpectedSpeed) })
/** Rows that appear together are asked for together. */
const GATHER_MS = 50

const BookContext = createContext<SpeedBook | null>(null)

export function useSpeedBook(): SpeedBook {
  const book = useContext(BookContext)
  if (!book) throw new Error('There is no SpeedBookProvider above this component.')
  return book
}

/** Keeps the expected speeds while the machines and the loaded models stay the same. */
export function SpeedBookProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const { api } = useServices()
  const machines = useClusterStore((state) => selectNodeIds(state).join())
  const loaded = useClusterStore(selectLoadedModels)
  const book = useMemo(
    () =>
      createSpeedBook({
        ask: async (models) => (await api.post('/models/speeds', { models }, Speeds)).speeds,
        soon: (then) => setTimeout(then, GATHER_MS),
      }),
    // The speeds depend on them.
    [api, machines, loaded],
  )
  return <BookContext value={book}>{children}</BookContext>
}
