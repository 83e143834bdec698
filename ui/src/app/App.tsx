import { StyleProvider } from '@ant-design/cssinjs'
import { QueryClientProvider, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { App as AntApp, ConfigProvider } from 'antd'
import enUS from 'antd/locale/en_US'
import zhCN from 'antd/locale/zh_CN'
import 'dayjs/locale/zh-cn'
import dayjs from 'dayjs'
import { lazy, Suspense, useEffect, useLayoutEffect, useMemo, useState, type ReactNode } from 'react'
import { createQueryClient, useRead } from '../api/query'
import { EventFollower, StatusProvider } from '../api/status'
import { ErrorPanel } from '../components/states'
import { FirstRunPage } from '../features/session/FirstRunPage'
import { SignInPage } from '../features/session/SignInPage'
import { UnlockPage } from '../features/session/UnlockPage'
import { setClock } from '../format'
import { useLanguage, useT } from '../i18n'
import { antdTheme } from '../theme/antd'
import { applyTheme, type Environment } from '../theme/tokens'
import { usePreferences } from '../preferences'

// The door needs none of it: it comes while a person types a name.
const loadFrame = () => import('./Frame')
const Frame = lazy(() => loadFrame().then((module) => ({ default: module.Frame })))

/** Theme, language and the antd settings every page shares. */
function Look({ children }: { children: ReactNode }) {
  const { mode } = usePreferences()
  const lang = useLanguage()
  const theme = useMemo(() => antdTheme(mode), [mode])
  dayjs.locale(lang === 'zh' ? 'zh-cn' : 'en')
  return (
    <StyleProvider layer>
      <ConfigProvider
        theme={theme}
        locale={lang === 'zh' ? zhCN : enUS}
        button={{ autoInsertSpace: false }}
        componentSize="middle"
        wave={{ disabled: true }}
      >
        <AntApp>{children}</AntApp>
      </ConfigProvider>
    </StyleProvider>
  )
}

/** First run, locked vault, sign-in or the desk: as the core says. */
function Stage() {
  const t = useT()
  const client = useQueryClient()
  const { mode } = usePreferences()
  const [ended, setEnded] = useState(false)
  const status = useRead('app.status', {}, { refetchMs: 60_000 })
  const environment: Environment = status.data?.environment ?? 'demo'
  const now = status.data?.now
  useLayoutEffect(() => {
    if (now !== undefined) setClock(now)
  }, [now])
  useLayoutEffect(() => applyTheme(mode, environment), [mode, environment])
  const stage = status.data?.stage
  const [seenStage, setSeenStage] = useState(stage)
  if (stage !== seenStage) {
    setSeenStage(stage)
    if (stage === 'ready') setEnded(false)
  }

  useEffect(() => {
    if (stage === undefined || stage === 'ready') return
    const later = setTimeout(() => void loadFrame(), 300)
    return () => clearTimeout(later)
  }, [stage])

  if (status.data === undefined) {
    return (
      <main className="zf-door-main">
        {status.error === null ? (
          <p className="zf-t3">{t('frame.starting')}</p>
        ) : (
          <div className="zf-stack">
            <h1>{t('frame.no_core')}</h1>
            <ErrorPanel error={status.error} onRetry={() => void status.refetch()} action={null} />
          </div>
        )}
      </main>
    )
  }
  return (
    <StatusProvider value={status.data}>
      <EventFollower
        onSignedOut={() => {
          setEnded(true)
          client.clear()
          void client.invalidateQueries()
        }}
      />
      {stage === 'first_run' ? <FirstRunPage /> : null}
      {stage === 'vault_locked' ? <UnlockPage /> : null}
      {stage === 'sign_in' ? <SignInPage ended={ended} /> : null}
      {stage === 'ready' ? (
        <Suspense fallback={null}>
          <Frame asOf={status.data.now} />
        </Suspense>
      ) : null}
      <div className="zf-envframe" aria-hidden data-testid="envframe" data-environment={environment} />
    </StatusProvider>
  )
}

/** The console. `client` may hold what was read before the first paint. */
export function App({ client: given }: { client?: QueryClient }) {
  const [client] = useState(() => given ?? createQueryClient())
  return (
    <QueryClientProvider client={client}>
      <Look>
        <Stage />
      </Look>
    </QueryClientProvider>
  )
}
