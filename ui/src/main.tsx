import './theme/base.css'
import './theme/explain.css'
import './theme/work.css'
import './theme/frame.css'
import './theme/hands.css'
import './theme/pages.css'
import './theme/desk.css'
import './theme/keys.css'
import './theme/xray.css'
import './theme/recon.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
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
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
}
