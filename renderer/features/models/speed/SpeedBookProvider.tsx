import { createContext, type ReactNode, useContext, useState } from 'react'
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
  const openBook = (): SpeedBook =>
    createSpeedBook({
      ask: async (models) => (await api.post('/models/speeds', { models }, Speeds)).speeds,
      soon: (then) => setTimeout(then, GATHER_MS),
    })
  const [kept, keep] = useState(() => ({ machines, loaded, book: openBook() }))
  if (kept.machines !== machines || kept.loaded !== loaded) keep({ machines, loaded, book: openBook() })
  return <BookContext value={kept.book}>{children}</BookContext>
}
