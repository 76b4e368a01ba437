import { type ReactNode, useEffect, useState } from 'react'
import { useServices } from '../services/services.ts'
import { useClusterStore } from '../store/cluster-store.ts'
import { connectionStrings } from './strings.ts'
import { addressOf } from './routes.ts'

/** A connection that opens within this time needs no banner. */
const PATIENCE_MS = 1000

/** Shows that the node does not answer and that the page keeps trying to reach it. */
export function ConnectionBanner(): ReactNode {
  const connection = useClusterStore((state) => state.connection)
  const { retryConnection } = useServices()
  const [isPatient, setIsPatient] = useState(true)
  useEffect(() => {
    setIsPatient(true)
    const timer = setTimeout(() => setIsPatient(false), PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [connection])
  const isShown = connection === 'lost' || connection === 'refused' || (connection === 'connecting' && !isPatient)
  return (
    <div role="status" className="banner-place">
      {isShown && (
        <div className="banner">
          <span>{connectionStrings[`${connection}Banner`]}</span>
          {connection === 'refused' ? (
            <a className="button" href={addressOf('settings')}>
              {connectionStrings.enterToken}
            </a>
          ) : (
            <button type="button" className="button" onClick={retryConnection}>
              {connectionStrings.retryNow}
            </button>
          )}
        </div>
      )}
    </div>
  )
}
