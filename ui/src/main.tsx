import './theme/base.css'
import './theme/explain.css'
import './theme/work.css'
import './theme/frame.css'
import './theme/hands.css'
import './theme/pages.css'
import './theme/desk.css'
import './theme/keys.css'
import './theme/report.css'
import './theme/xray.css'
import './theme/recon.css'
import './theme/books.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createQueryClient, readAhead } from './api/query'
import { App } from './app/App'
import { preferences } from './preferences'
import { language, setLanguage } from './i18n'
import { applyTheme } from './theme/tokens'

// Faults leave a trace on the document, where the window's own tests look for them.
document.addEventListener('securitypolicyviolation', (event) => {
  document.documentElement.dataset['policyViolation'] = `${event.violatedDirective} ${event.blockedURI}`
})
window.addEventListener('error', (event) => {
  document.documentElement.dataset['fault'] = event.message
})
window.addEventListener('unhandledrejection', (event) => {
  document.documentElement.dataset['fault'] = String(event.reason)
})

setLanguage(language())
applyTheme(preferences().mode, 'demo')

const root = document.getElementById('root')
if (root !== null) {
  // How things stand decides the first page: asked before anything is drawn, so that most starts draw
  // once. A core that is slow to answer is waited for on screen.
  const client = createQueryClient()
  const asked = readAhead(client, 'app.status', {})
  const patience = new Promise((resolve) => {
    setTimeout(resolve, 250)
  })
  void Promise.race([asked, patience]).then(() =>
    createRoot(root).render(
      <StrictMode>
        <App client={client} />
      </StrictMode>,
    ),
  )
}
