import { setNonce } from 'get-nonce'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { z } from 'zod'
import type { ShellBridge } from '../../main/shared/wire/shell/shell.ts'
import { ApiProvider } from '../services/services.ts'
import { translateErrors } from '../client/error-text.ts'
import { openShellClient } from '../client/shell-client.ts'
import { language } from '../ui/language.ts'
import { Popover } from './Popover.tsx'
import { shellApi } from './shell-api.ts'
import '../app/theme.css'
import '../ui/ui.css'
import '../features/join/join.css'
import './popover.css'

// The page's content security policy forbids eval, which zod would otherwise use.
z.config({ jitless: true })
setNonce(document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '')

const shell = openShellClient(window as { readonly exoShell?: ShellBridge })
const root = document.getElementById('root')
if (!root || !shell) throw new Error('The popover is a page of the app.')

const dark = matchMedia('(prefers-color-scheme: dark)')
const follow = (): void => void (document.documentElement.dataset.theme = dark.matches ? 'dark' : 'light')
dark.addEventListener('change', follow)
follow()
document.documentElement.lang = language
document.documentElement.dataset.hasMaterial = String(/mac/i.test(navigator.platform))
addEventListener('keydown', ({ key }) => {
  if (key === 'Escape') void shell.call('hide-popover')
})
if (language === 'de') translateErrors((await import('../client/german-error-translation.ts')).germanErrorTranslation)
createRoot(root).render(
  <StrictMode>
    <ApiProvider value={shellApi(shell)}>
      <Popover shell={shell} />
    </ApiProvider>
  </StrictMode>,
)
