/** The findings and fixes of `exo doctor` in English, by code. `{name}` stands for a value. Codes are stable. */
export const doctorTexts = {
  more: 'and {count} more',

  'disk-space': '{free} of {total} free for models in {path}',
  'disk-space-fix': 'delete models that you do not need (exo models ls, exo models rm), or set HF_HOME to a larger disk',
  'model-files-none': 'none stored',
  'model-files-good': '{count} stored, none damaged',
  'model-files-bad': '{model}: {reason}',
  'model-files-gated-fix': 'request access at https://huggingface.co/{model}, then set HF_TOKEN to a token of that account',
  'model-files-space-fix': 'free disk space, then run exo models pull again to resume',
  'model-files-unsupported-fix': 'exo does not support this model: use another model or quantization',
  'model-files-fix': 'run exo models rm {model}, then exo models pull {model}',
  'data-folder-good': '{path}',
  'data-folder-read-only': '{path} cannot be written',
  'data-folder-fix': 'change its owner or mode (chown, chmod), or use --data-dir',
  'disk-writes-once': '{path} cannot be written (tried once); the previous version stays',
  'disk-writes': '{path} cannot be written (tried {attempts} times); the previous version stays',
  'disk-writes-reason': '{reason}',
  'identity-file-new': 'created on first start',
  'identity-file-good': '{path} is readable only by its owner',
  'identity-file-loose': 'other users can read {path} (mode {mode}), which proves the identity of this node',
  'identity-file-fix': 'chmod 600 {path}',
  'port-ours': '{port} is in use by this node',
  'port-free': '{port} is free',
  'port-forbidden': 'this user may not open port {port}',
  'port-forbidden-fix': 'use {option} with a port above 1023',
  'port-taken': '{port} is in use by another program',
  'port-taken-fix': 'quit that program (find it with lsof -i :{port}), or use {option} with another port',

  memory: '{free} of {total} free on {machine}',
  'memory-fix':
    'unload a model (exo ps, DELETE /instance/ID), quit other programs, use a shorter context or a ' +
    'smaller quantization, or add a machine',
} as const satisfies Readonly<Record<string, string>>
export type DoctorTextCode = keyof typeof doctorTexts
