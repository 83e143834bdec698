import './theme/base.css'
import './theme/frame.css'
import './theme/pages.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/App'
import { preferences } from './preferences'
import { language, setLanguage } from './i18n'
import { applyTheme } from './theme/tokens'

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
