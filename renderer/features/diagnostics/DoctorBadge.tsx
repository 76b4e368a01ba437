import { type ReactNode, useEffect, useState } from 'react'
import { DoctorAnswer } from '../../../main/shared/wire/api/doctor.ts'
import { useResource } from '../../services/use-resource.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { Icon } from '../../ui/Icon.tsx'
import { diagnosticsStrings } from './strings.ts'

/** The checks take a moment of the machine's time, so they wait until the page has settled. */
const FIRST_CHECK_MS = 5_000
const CHECK_EACH_MS = 30 * 60_000

/** Leads to the doctor when it has found problems; nothing otherwise. */
export function DoctorBadge(): ReactNode {
  const isLive = useClusterStore((state) => state.connection === 'live')
  const [round, setRound] = useState(0)
  useEffect(() => {
    if (!isLive) return
    const timer = setTimeout(() => setRound((count) => count + 1), round === 0 ? FIRST_CHECK_MS : CHECK_EACH_MS)
    return () => clearTimeout(timer)
  }, [isLive, round])
  const { data } = useResource(round === 0 ? null : '/doctor', DoctorAnswer, round)
  const problems = data?.checks.filter(({ state }) => state === 'problem').length ?? 0
  if (problems === 0) return null
  return (
    <a className="nav-button doctor-badge" href="#/diagnostics" title={diagnosticsStrings.problems(problems)}>
      <Icon name="warning" />
      <span>{diagnosticsStrings.problems(problems)}</span>
    </a>
  )
}
