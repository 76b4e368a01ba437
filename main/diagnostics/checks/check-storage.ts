import { formatBytes } from '../../shared/formats/byte-size.ts'
import { type Check, checkOf } from '../check.ts'
import type { DoctorFacts } from '../doctor-facts.ts'

const LOW_DISK_BYTES = 10e9
const FULL_DISK_BYTES = 1e9

/** Disk, model files, ports, and the files that this node keeps. */
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
  const cure = 'remove models that are not needed (exo models ls, exo models rm), or set HF_HOME to a larger disk'
  if (modelDisk.freeBytes < FULL_DISK_BYTES) return [check.problem(finding, cure)]
  return [modelDisk.freeBytes < LOW_DISK_BYTES ? check.warning(finding, cure) : check.ok(finding)]
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
    return `ask for access at https://huggingface.co/${modelId}, then set HF_TOKEN to a token of that account`
  if (/space/.test(code)) return 'free disk space, then exo models pull again: it goes on where it stopped'
  if (/unsupported/.test(code)) return 'this kind of model is not known to exo: take another one, or another quantization of it'
  return `exo models rm ${modelId} and exo models pull ${modelId}`
}

function checkDataDir({ dataDir }: DoctorFacts): Check[] {
  if (!dataDir) return []
  const check = checkOf('data-folder', 'Data folder')
  return [
    dataDir.isWritable
      ? check.ok(dataDir.path)
      : check.problem(`${dataDir.path} cannot be written`, 'make it yours (chown, chmod), or give --data-dir'),
  ]
}

/** What the running node could not keep. */
function checkWrites({ cluster }: DoctorFacts): Check[] {
  const check = checkOf('disk-writes', 'What this node keeps')
  return (cluster?.diskTroubles ?? []).map(({ path, message, attempts }) =>
    check.problem(
      `${path} is not written (${attempts === 1 ? 'tried once' : `tried ${attempts} times`}): what was kept before stays`,
      message,
    ),
  )
}

function checkIdentity({ identityFile }: DoctorFacts): Check[] {
  if (!identityFile) return []
  const check = checkOf('identity-file', 'Identity file')
  if (identityFile.mode === null) return [check.ok('not made yet: the first start makes it')]
  const isLoose = (identityFile.mode & 0o077) !== 0
  if (!isLoose) return [check.ok(`${identityFile.path} is readable by its user alone`)]
  return [
    check.problem(
      `others may read ${identityFile.path} (mode ${(identityFile.mode & 0o777).toString(8)}): it proves who this node is`,
      `chmod 600 ${identityFile.path}`,
    ),
  ]
}

function checkPorts({ ports }: DoctorFacts): Check[] {
  return ports.map(({ name, port, use }) => {
    const check = checkOf(`${name}-port`, `${name === 'api' ? 'API' : 'Peer'} port`)
    const option = name === 'api' ? '--port' : '--peer-port'
    if (use === 'ours') return check.ok(`${port} is this node's`)
    if (use === 'free') return check.ok(`${port} is free`)
    if (use === 'forbidden') return check.problem(`${port} may not be used by this user`, `give ${option} a port above 1023`)
    return check.problem(`${port} is taken by another program`, `end it (lsof -i :${port} names it), or give ${option} another port`)
  })
}
