import { formatBytes } from '../../shared/formats/byte-size.ts'
import { type DoctorText, sayFinding } from '../../shared/doctor/say-finding.ts'
import { type Check, checkOf } from '../check.ts'
import type { DoctorFacts } from '../doctor-facts.ts'

const LOW_DISK_BYTES = 10e9
const FULL_DISK_BYTES = 1e9

/** Checks disk space, model files, ports, and the files that this node writes. */
export function checkStorage(facts: DoctorFacts): Check[] {
  return [
    ...checkDisk(facts),
    ...checkModels(facts),
    ...checkDataDir(facts),
    ...checkWrites(facts),
    ...checkIdentity(facts),
    ...checkPorts(facts),
  ]
}

function checkDisk({ modelDisk }: DoctorFacts): Check[] {
  if (!modelDisk) return []
  const check = checkOf('disk-space', 'Disk space')
  const { freeBytes, totalBytes, path } = modelDisk
  const finding = sayFinding('disk-space', { free: formatBytes(freeBytes), total: formatBytes(totalBytes), path })
  const fix = sayFinding('disk-space-fix')
  if (freeBytes < FULL_DISK_BYTES) return [check.problem(finding, fix)]
  return [freeBytes < LOW_DISK_BYTES ? check.warning(finding, fix) : check.ok(finding)]
}

function checkModels({ storedModels }: DoctorFacts): Check[] {
  if (!storedModels) return []
  const check = checkOf('model-files', 'Model files')
  const bad = storedModels.flatMap(({ modelId, problem }) =>
    problem
      ? [check.problem(sayFinding('model-files-bad', { model: modelId, reason: problem.message }), modelCure(modelId, problem.code))]
      : [],
  )
  return bad.length > 0
    ? bad
    : [
        check.ok(
          storedModels.length === 0 ? sayFinding('model-files-none') : sayFinding('model-files-good', { count: storedModels.length }),
        ),
      ]
}

function modelCure(model: string, code: string): DoctorText {
  if (/gated|forbidden|unauthorized|token/.test(code)) return sayFinding('model-files-gated-fix', { model })
  if (/space/.test(code)) return sayFinding('model-files-space-fix')
  if (/unsupported/.test(code)) return sayFinding('model-files-unsupported-fix')
  return sayFinding('model-files-fix', { model })
}

function checkDataDir({ dataDir }: DoctorFacts): Check[] {
  if (!dataDir) return []
  const check = checkOf('data-folder', 'Data folder')
  return [
    dataDir.isWritable
      ? check.ok(sayFinding('data-folder-good', { path: dataDir.path }))
      : check.problem(sayFinding('data-folder-read-only', { path: dataDir.path }), sayFinding('data-folder-fix')),
  ]
}

/** Files that the running node could not save. */
function checkWrites({ cluster }: DoctorFacts): Check[] {
  const check = checkOf('disk-writes', 'Saved files')
  return (cluster?.diskTroubles ?? []).map(({ path, message, attempts }) =>
    check.problem(
      attempts === 1 ? sayFinding('disk-writes-once', { path }) : sayFinding('disk-writes', { path, attempts }),
      sayFinding('disk-writes-reason', { reason: message }),
    ),
  )
}

function checkIdentity({ identityFile }: DoctorFacts): Check[] {
  if (!identityFile) return []
  const check = checkOf('identity-file', 'Identity file')
  if (identityFile.mode === null) return [check.ok(sayFinding('identity-file-new'))]
  const { path, mode } = identityFile
  const isLoose = (mode & 0o077) !== 0
  if (!isLoose) return [check.ok(sayFinding('identity-file-good', { path }))]
  return [
    check.problem(sayFinding('identity-file-loose', { path, mode: (mode & 0o777).toString(8) }), sayFinding('identity-file-fix', { path })),
  ]
}

function checkPorts({ ports }: DoctorFacts): Check[] {
  return ports.map(({ name, port, use }) => {
    const check = checkOf(`${name}-port`, `${name === 'api' ? 'API' : 'Peer'} port`)
    const option = name === 'api' ? '--port' : '--peer-port'
    if (use === 'ours') return check.ok(sayFinding('port-ours', { port }))
    if (use === 'free') return check.ok(sayFinding('port-free', { port }))
    if (use === 'forbidden') return check.problem(sayFinding('port-forbidden', { port }), sayFinding('port-forbidden-fix', { option }))
    return check.problem(sayFinding('port-taken', { port }), sayFinding('port-taken-fix', { port, option }))
  })
}
