import { homedir } from 'node:os'
import { join } from 'node:path'
import { readRegularText } from '../../platform/files/regular-file.ts'
import { resolvePath } from '../../platform/files/default-folders.ts'

/** How to reach the hub and where to store its files, with the same settings as every other client on this machine. */
export interface HubSettings {
  /** Without a trailing slash. */
  readonly endpoint: string
  readonly token: string | null
  /** Contains `models--<organization>--<name>/` folders, which are shared with other programs. */
  readonly cacheDir: string
  /** No requests to the hub are allowed. */
  readonly isOffline: boolean
  /** URLs; empty: none. `noProxy`: hosts that are contacted directly. */
  /** PEM files with additional root certificates. */
  readonly certificateFiles: readonly string[]
  readonly proxies: { readonly httpProxy: string; readonly httpsProxy: string; readonly noProxy: string }
}

type Environment = Readonly<Record<string, string | undefined>>

/** Variables that name a file with root certificates: those of OpenSSL, Python's requests, curl and Node. */
const CERTIFICATE_VARIABLES = ['SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS']
const DEFAULT_ENDPOINT = 'https://huggingface.co'

/**
 * Reads `HF_ENDPOINT`, `HF_TOKEN`, `HF_HOME`, `HF_HUB_CACHE`, `HF_HUB_OFFLINE`, and the variables for proxies and root
 * certificates, with the names and defaults of Python's huggingface_hub.
 *
 * @param chosenToken - the token in exo's own settings: `HF_TOKEN` overrides it, and it overrides that of `hf auth login`
 */
export async function readHubSettings(environment: Environment, chosenToken: string | null = null): Promise<HubSettings> {
  const first = (...names: string[]): string | undefined =>
    names.map((name) => environment[name]).find((value) => value !== undefined && value !== '')
  const cacheHome = first('XDG_CACHE_HOME') ?? join(homedir(), '.cache')
  const hubHome = resolvePath(first('HF_HOME') ?? join(cacheHome, 'huggingface'))
  const allProxy = first('all_proxy', 'ALL_PROXY') ?? ''
  return {
    endpoint: (first('HF_ENDPOINT') ?? DEFAULT_ENDPOINT).replace(/\/+$/, ''),
    token:
      first('HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN')?.trim() ??
      chosenToken ??
      (await readToken(first('HF_TOKEN_PATH') ?? join(hubHome, 'token'))),
    cacheDir: resolvePath(first('HF_HUB_CACHE', 'HUGGINGFACE_HUB_CACHE') ?? join(hubHome, 'hub')),
    isOffline: /^(1|true|yes|on)$/i.test(first('HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE') ?? ''),
    certificateFiles: [...new Set(CERTIFICATE_VARIABLES.map((name) => environment[name] ?? ''))].filter((path) => path !== ''),
    proxies: {
      httpProxy: first('http_proxy', 'HTTP_PROXY') ?? allProxy,
      httpsProxy: first('https_proxy', 'HTTPS_PROXY') ?? allProxy,
      noProxy: first('no_proxy', 'NO_PROXY') ?? '',
    },
  }
}

/** Reads the token saved by `hf auth login`. */
async function readToken(path: string): Promise<string | null> {
  const text = await readRegularText(resolvePath(path)).catch(() => '')
  return text.trim() === '' ? null : text.trim()
}
