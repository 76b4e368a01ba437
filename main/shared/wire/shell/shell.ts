import { z } from 'zod'
import { ClusterView } from '../../cluster-view.ts'
import { Membership } from '../api/membership.ts'

/** The state of this machine's node, as seen by the app that supervises it. */
export const NodeStatus = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('starting') }),
  /** `isOurs`: the app started the node and ends it; otherwise it was started elsewhere, for example in a terminal. */
  z.strictObject({ kind: z.literal('running'), apiUrl: z.string(), processId: z.int(), isOurs: z.boolean() }),
  /** The node died, and restarts after `delayMs`. */
  z.strictObject({ kind: z.literal('restarting'), reason: z.string(), delayMs: z.number().min(0) }),
  /** It does not restart automatically. */
  z.strictObject({ kind: z.literal('failed'), code: z.string(), message: z.string() }),
  z.strictObject({ kind: z.literal('stopped') }),
])
export type NodeStatus = z.infer<typeof NodeStatus>

/** Settings of the app; the node has its own settings. */
export const ShellSettings = z.strictObject({ launchAtLogin: z.boolean(), showsNotifications: z.boolean(), updatesItself: z.boolean() })
export type ShellSettings = z.infer<typeof ShellSettings>

/** The defaults of the app. */
export const firstShellSettings: ShellSettings = { launchAtLogin: false, showsNotifications: true, updatesItself: true }

export const UpdateStatus = z.discriminatedUnion('kind', [
  /** This build has no feed, or is not signed. */
  z.strictObject({ kind: z.literal('off'), reason: z.string() }),
  z.strictObject({ kind: z.literal('current') }),
  z.strictObject({ kind: z.literal('checking') }),
  z.strictObject({ kind: z.literal('downloading'), version: z.string(), doneRatio: z.number().min(0).max(1) }),
  /** The update is installed when the app quits. */
  z.strictObject({ kind: z.literal('ready'), version: z.string() }),
  z.strictObject({ kind: z.literal('failed'), message: z.string() }),
])
export type UpdateStatus = z.infer<typeof UpdateStatus>

/** The state that the tray, its menu, and the app's pages show. */
export const ShellState = z.strictObject({
  version: z.string(),
  node: NodeStatus,
  /** A long operation of the node, such as the first import of a model. */
  progress: z.strictObject({ label: z.string(), doneRatio: z.number().min(0).max(1) }).nullable(),
  /** The view of the running node; null until it is received. */
  view: ClusterView.nullable(),
  membership: Membership.nullable(),
  settings: ShellSettings,
  update: UpdateStatus,
  /** The path of the installed `exo` command; null if it is not installed. */
  commandPath: z.string().nullable(),
})
export type ShellState = z.infer<typeof ShellState>

export const ShellView = z.enum(['chat', 'cluster', 'models', 'settings'])
export type ShellView = z.infer<typeof ShellView>

/** Calls of the node's API that the popover may make: its page can reach only the shell. */
export const MembershipCall = z.strictObject({
  method: z.enum(['POST', 'DELETE']),
  path: z.enum([
    '/cluster/join',
    '/cluster/leave',
    '/cluster/pairing',
    '/cluster/pairing/confirm',
    '/cluster/admit',
    '/cluster/refuse',
    '/cluster/remove',
  ]),
  body: z.unknown(),
})
export type MembershipCall = z.infer<typeof MembershipCall>

/** Every call that a page of the app may make to the shell, with its input and output. */
export const shellCalls = {
  'get-state': { input: z.undefined(), output: ShellState },
  'open-window': { input: ShellView, output: z.void() },
  'hide-popover': { input: z.undefined(), output: z.void() },
  /** The height of the popover's content, in CSS pixels. */
  'fit-popover': { input: z.int().min(120).max(720), output: z.void() },
  'change-membership': { input: MembershipCall, output: Membership },
  'copy-api-address': { input: z.undefined(), output: z.void() },
  'change-settings': { input: ShellSettings.partial(), output: z.void() },
  'install-command': { input: z.undefined(), output: z.void() },
  'check-for-update': { input: z.undefined(), output: z.void() },
  'install-update': { input: z.undefined(), output: z.void() },
  'restart-node': { input: z.undefined(), output: z.void() },
  'show-log': { input: z.undefined(), output: z.void() },
  quit: { input: z.undefined(), output: z.void() },
} as const
export type ShellCalls = typeof shellCalls
export type ShellCallName = keyof ShellCalls
export type ShellCallInput<Name extends ShellCallName> = z.infer<ShellCalls[Name]['input']>
export type ShellCallOutput<Name extends ShellCallName> = z.infer<ShellCalls[Name]['output']>

/** The result of a call. Electron's own error passing drops the code. */
export type ShellAnswer =
  | { readonly isOk: true; readonly value: unknown }
  | { readonly isOk: false; readonly code: string; readonly message: string }

/** The interface that the preload script exposes to pages of the app as `exoShell`. */
export interface ShellBridge {
  call(name: string, input: unknown): Promise<ShellAnswer>
  /** @returns a function that ends the subscription */
  onState(listener: (state: unknown) => void): () => void
}
