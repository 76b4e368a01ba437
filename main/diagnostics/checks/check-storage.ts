import { formatBytes } from '../../shared/formats/byte-size.ts'
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
  const finding = `${formatBytes(modelDisk.freeBytes)} of ${formatBytes(modelDisk.totalBytes)} free for models in ${modelDisk.path}`
  const fix = 'delete models that you do not need (exo models ls, exo models rm), or set HF_HOME to a larger disk'
  if (modelDisk.freeBytes < FULL_DISK_BYTES) return [check.problem(finding, fix)]
  return [modelDisk.freeBytes < LOW_DISK_BYTES ? check.warning(finding, fix) : check.ok(finding)]
}

function checkModels({ storedModels }: DoctorFacts): Check[] {
  if (!storedModels) return []
  const check = checkOf('model-files', 'Model files')
  const bad = storedModels.flatMap(({ modelId, problem }) =>
    problem ? [check.problem(`${modelId}: ${problem.message}`, modelCure(modelId, problem.code))] : [],
  )
  return bad.length > 0 ? bad : [check.ok(storedModels.length === 0 ? 'none stored' : `${storedModels.length} stored, none damaged`)]
}

function modelCure(modelId: string, code: string): string {
  if (/gated|forbidden|unauthorized|token/.test(code))
    return `request access at https://huggingface.co/${modelId}, then set HF_TOKEN to a token of that account`
  if (/space/.test(code)) return 'free disk space, then run exo models pull again to resume'
  if (/unsupported/.test(code)) return 'exo does not support this model: use another model or quantization'
  return `run exo models rm ${modelId}, then exo models pull ${modelId}`
}

function checkDataDir({ dataDir }: DoctorFacts): Check[] {
  if (!dataDir) return []
  const check = checkOf('data-folder', 'Data folder')
  return [
    dataDir.isWritable
      ? check.ok(dataDir.path)
      : check.problem(`${dataDir.path} cannot be written`, 'change its owner or mode (chown, chmod), or use --data-dir'),
  ]
}

/** Files that the running node could not save. */
function checkWrites({ cluster }: DoctorFacts): Check[] {
  const check = checkOf('disk-writes', 'Saved files')
  return (cluster?.diskTroubles ?? []).map(({ path, message, attempts }) =>
    check.problem(
      `${path} cannot be written (${attempts === 1 ? 'tried once' : `tried ${attempts} times`}); the previous version stays`,
      message,
    ),
  )
}

function checkIdentity({ identityFile }: DoctorFacts): Check[] {
  if (!identityFile) return []
  const check = checkOf('identity-file', 'Identity file')
  if (identityFile.mode === null) return [check.ok('created on first start')]
  const isLoose = (identityFile.mode & 0o077) !== 0
  if (!isLoose) return [check.ok(`${identityFile.path} is readable only by its owner`)]
  return [
    check.problem(
      `other users can read ${identityFile.path} (mode ${(identityFile.mode & 0o777).toString(8)}), which proves the identity of this node`,
      `chmod 600 ${identityFile.path}`,
    ),
  ]
}

function checkPorts({ ports }: DoctorFacts): Check[] {
  return ports.map(({ name, port, use }) => {
    const check = checkOf(`${name}-port`, `${name === 'api' ? 'API' : 'Peer'} port`)
    const option = name === 'api' ? '--port' : '--peer-port'
    if (use === 'ours') return check.ok(`${port} is in use by this node`)
    if (use === 'free') return check.ok(`${port} is free`)
    if (use === 'forbidden') return check.problem(`this user may not open port ${port}`, `use ${option} with a port above 1023`)
    return check.problem(
      `${port} is in use by another program`,
      `quit that program (find it with lsof -i :${port}), or use ${option} with another port`,
    )
  })
}
