import {
  ApiOutlined,
  BgColorsOutlined,
  ExperimentOutlined,
  GlobalOutlined,
  KeyOutlined,
  LogoutOutlined,
  MenuFoldOutlined,
  MenuUnfoldOutlined,
  PlayCircleOutlined,
  SearchOutlined,
  ThunderboltOutlined,
} from '@ant-design/icons'
import { useQueryClient } from '@tanstack/react-query'
import { Dropdown } from 'antd'
import { Suspense, useState } from 'react'
import { useLive, usePerson, useStatus } from '../api/status'
import { useWrite } from '../api/query'
import { Avatar, Kbd } from '../components/small'
import { Empty, OfflineBanner, Skeleton } from '../components/states'
import { ToastPlace } from '../components/Toast'
import type { PageRoute } from '../features/types'
import { timeText, zoneOffset } from '../format'
import { setLanguage, useLanguage, useT } from '../i18n'
import { useHotkeys, type Hotkey } from '../keyboard/hotkeys'
import { go, href, usePlace } from '../router'
import { PasswordOverlay } from './PasswordOverlay'
import { PageGuard } from './PageGuard'
import { setPreferences, usePreferences } from '../preferences'
import { routes } from './routes'
import { ShortcutSheet } from './ShortcutSheet'
import { TaskTray } from './TaskTray'

const groups: readonly PageRoute['group'][] = ['trade', 'recon', 'documents', 'channels', 'oversight', 'end']

/** Focuses the search field of the page, if it has one; gives whether it had. */
function focusPageSearch(): boolean {
  const field = document.querySelector<HTMLElement>('[data-page-search]')
  const input = field instanceof HTMLInputElement ? field : field?.querySelector('input')
  input?.focus()
  input?.select()
  return input !== null && input !== undefined
}

/** Searches this page; from a page without a search it goes to the orders, where any number is found. */
function search(): void {
  if (focusPageSearch()) return
  go('/orders')
  setTimeout(focusPageSearch, 120)
}

function EnvironmentBadge() {
  const t = useT()
  const { environment } = useStatus()
  if (environment === null) return null
  const icon = { production: <ThunderboltOutlined />, sandbox: <ExperimentOutlined />, demo: <PlayCircleOutlined /> }[environment]
  return (
    <span className="zf-env-badge" data-testid="environment" data-environment={environment}>
      {icon}
      {t(`frame.env.${environment}`)}
    </span>
  )
}

function Who() {
  const t = useT()
  const person = usePerson()
  const lang = useLanguage()
  const { mode } = usePreferences()
  const signOut = useWrite('session.sign_out')
  const [password, setPassword] = useState(false)
  return (
    <>
      <Dropdown
        trigger={['click']}
        menu={{
          items: [
            {
              key: 'language',
              icon: <GlobalOutlined />,
              label: <span data-testid="menu-language">{t('frame.language')}</span>,
              onClick: () => setLanguage(lang === 'zh' ? 'en' : 'zh'),
            },
            {
              key: 'theme',
              icon: <BgColorsOutlined />,
              label: <span data-testid="menu-theme">{mode === 'dark' ? t('frame.theme_light') : t('frame.theme_dark')}</span>,
              onClick: () => setPreferences({ mode: mode === 'dark' ? 'light' : 'dark' }),
            },
            { key: 'password', icon: <KeyOutlined />, label: t('frame.change_password'), onClick: () => setPassword(true) },
            { type: 'divider' },
            {
              key: 'out',
              icon: <LogoutOutlined />,
              label: <span data-testid="menu-sign-out">{t('frame.sign_out')}</span>,
              onClick: () => signOut.mutate({}),
            },
          ],
        }}
      >
        <button type="button" className="zf-who" data-testid="who" data-role={person.role}>
          <Avatar name={person.display_name} size={26} />
          <span>
            <span className="zf-who-name" data-testid="who-name">
              {person.display_name}
            </span>
            <span className="zf-who-role">{t(`role.${person.role}`)}</span>
          </span>
        </button>
      </Dropdown>
      <PasswordOverlay open={password} onClose={() => setPassword(false)} />
    </>
  )
}

function NavLink({ route, current }: { route: PageRoute; current: boolean }) {
  const t = useT()
  const { badges } = useStatus()
  const Icon = route.icon
  const n = route.badge === undefined ? 0 : badges[route.badge.of]
  return (
    <a href={href(route.path)} aria-current={current ? 'page' : undefined} title={t(route.title)} data-testid={`nav-${route.path.slice(1)}`}>
      <Icon aria-hidden />
      <span className="zf-nav-label">{t(route.nav ?? route.title)}</span>
      {n > 0 && route.badge !== undefined ? (
        <span className={`zf-badge zf-f-${route.badge.family}`}>{n}</span>
      ) : (
        <span className="zf-nav-keys" aria-hidden>
          G{route.letter.toUpperCase()}
        </span>
      )}
    </a>
  )
}

function StatusBar({ asOf, onKeys }: { asOf: string; onKeys: () => void }) {
  const t = useT()
  const { linkUp } = useLive()
  const { accounts, version } = useStatus()
  return (
    <footer className="zf-statusbar">
      <span data-testid="link" data-up={linkUp}>
        <span className={`zf-dot${linkUp ? '' : ' zf-dot-down'}`} aria-hidden />
        {linkUp ? t('frame.connected') : t('frame.disconnected')}
      </span>
      <span>
        <ApiOutlined aria-hidden /> {t('frame.channels', { n: accounts.length })}
      </span>
      <TaskTray />
      <span className="zf-statusbar-right">{t('frame.as_of', { time: timeText(asOf, 'clock') })}</span>
      <span>{t('frame.zone', { offset: zoneOffset() })}</span>
      <span>{t('frame.masking')}</span>
      <span className="zf-t3">{t('frame.version', { version })}</span>
      <button type="button" className="zf-linkbtn" onClick={onKeys} data-testid="open-shortcuts">
        <Kbd keys="?" /> {t('frame.shortcuts')}
      </button>
    </footer>
  )
}

/** The window once somebody is signed in: title bar, navigation, page, status bar. */
export function Frame({ asOf }: { asOf: string }) {
  const t = useT()
  const client = useQueryClient()
  const { merchant_name, permissions } = useStatus()
  const { linkUp, since } = useLive()
  const { navSmall } = usePreferences()
  const place = usePlace()
  const [sheet, setSheet] = useState(false)
  const route = routes.find((r) => r.path === place.path) ?? routes[0]

  const hotkeys: Hotkey[] = [
    { keys: '/', run: search, label: t('keys.search'), group: 'global' },
    { keys: 'mod+k', run: search, whileTyping: true, label: t('keys.search'), group: 'global' },
    { keys: '?', run: () => setSheet(true), label: t('keys.title'), group: 'global' },
    { keys: 'F5', run: () => void client.invalidateQueries(), whileTyping: true, label: t('keys.refresh'), group: 'global' },
    ...routes.map(
      (r): Hotkey => ({ keys: `g ${r.letter}`, run: () => go(r.path), label: t('keys.go', { page: t(r.title) }), group: 'global' }),
    ),
  ]
  useHotkeys(hotkeys)

  if (route === undefined) return null
  const Page = route.page
  const denied = route.needs !== undefined && !permissions.includes(route.needs)
  return (
    <div className={`zf-window${navSmall ? ' zf-nav-small' : ''}`}>
      <header className="zf-title">
        <span className="zf-logo" aria-hidden>
          {/* The logo is the character itself. */}
          {'\u8d26'}
        </span>
        <span className="zf-title-name">{t('common.app')}</span>
        <span className="zf-title-merchant" data-testid="merchant">
          {merchant_name ?? t('frame.no_merchant')}
        </span>
        <button type="button" className="zf-title-box" onClick={search} data-testid="search-box">
          <SearchOutlined aria-hidden />
          {t('frame.search')}
          <Kbd keys="mod+K" />
        </button>
        <EnvironmentBadge />
        <Who />
      </header>
      <nav className="zf-nav" aria-label={t('frame.nav')}>
        {groups.map((group) => {
          const items = routes.filter((r) => r.group === group)
          if (items.length === 0) return null
          return (
            <div key={group} className={group === 'end' ? 'zf-nav-end' : undefined}>
              {group === 'end' ? null : <div className="zf-nav-group">{t(`frame.group.${group}`)}</div>}
              {items.map((r) => (
                <NavLink key={r.path} route={r} current={r === route} />
              ))}
            </div>
          )
        })}
        <a
          href={href(place.path, place.query)}
          role="button"
          aria-pressed={navSmall}
          title={t('frame.nav')}
          onClick={(event) => {
            event.preventDefault()
            setPreferences({ navSmall: !navSmall })
          }}
        >
          {navSmall ? <MenuUnfoldOutlined aria-hidden /> : <MenuFoldOutlined aria-hidden />}
          <span className="zf-nav-label" />
        </a>
      </nav>
      <main className="zf-main" data-testid={`page-${route.path.slice(1)}`}>
        {linkUp ? null : <OfflineBanner since={timeText(since, 'clock')} onRetry={() => void client.invalidateQueries()} />}
        {denied ? (
          <div className="zf-page" data-testid="page-denied">
            <Empty
              title={t('state.page_denied')}
              note={t('state.page_denied_note', { permission: t(`permission.${route.needs ?? 'view_orders'}`) })}
            />
          </div>
        ) : (
          <PageGuard key={route.path}>
            <Suspense fallback={<div className="zf-page"><Skeleton rows={12} /></div>}>
              <Page />
            </Suspense>
          </PageGuard>
        )}
      </main>
      <StatusBar asOf={asOf} onKeys={() => setSheet(true)} />
      <ToastPlace />
      <ShortcutSheet open={sheet} onClose={() => setSheet(false)} />
    </div>
  )
}

