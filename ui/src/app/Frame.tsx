import {
  ApiOutlined,
  BgColorsOutlined,
  ColumnHeightOutlined,
  DownOutlined,
  ExperimentOutlined,
  EyeInvisibleOutlined,
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
import { Suspense, useEffect, useMemo, useRef, useState } from 'react'
import { useLive, usePerson, useStatus } from '../api/status'
import { useWrite } from '../api/query'
import { Avatar, ChannelMark, Kbd } from '../components/small'
import { Empty, OfflineBanner, Skeleton } from '../components/states'
import { useMedia } from '../components/DetailPane'
import { ToastPlace, useToasts } from '../components/Toast'
import type { PageRoute } from '../features/types'
import { timeText, zoneOffset } from '../format'
import { language, setLanguage, useT } from '../i18n'
import { useHotkeys, type Hotkey } from '../keyboard/hotkeys'
import { keysFor, useKeymap } from '../keyboard/keymap'
import { reconnect } from '../platform'
import { go, href, usePlace } from '../router'
import { forgetDone } from '../undo'
import { Alerts, useAccountViews } from './Alerts'
import { Palette } from './palette/Palette'
import type { FrameActions } from './palette/entries'
import { PasswordOverlay } from './PasswordOverlay'
import { PageGuard } from './PageGuard'
import { amountsHidden, preferences, setPreferences, usePreferences, type Density } from '../preferences'
import { routes } from './routes'
import { ShortcutSheet } from './ShortcutSheet'
import { TaskTray } from './TaskTray'
import { TourStrip, useTour } from './Tour'
import { useLook } from './useLook'

const groups: readonly PageRoute['group'][] = ['top', 'trade', 'recon', 'documents', 'channels', 'oversight', 'end']

/** The page's name for tests: the desk lies at the root. */
function pageName(route: PageRoute): string {
  return route.path === '/' ? 'desk' : route.path.slice(1)
}

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

function Who({ actions }: { actions: FrameActions }) {
  const t = useT()
  const person = usePerson()
  const { mode } = usePreferences()
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        items: [
          {
            key: 'language',
            icon: <GlobalOutlined />,
            label: <span data-testid="menu-language">{t('frame.language')}</span>,
            onClick: actions.language,
          },
          {
            key: 'theme',
            icon: <BgColorsOutlined />,
            label: <span data-testid="menu-theme">{mode === 'dark' ? t('frame.theme_light') : t('frame.theme_dark')}</span>,
            onClick: actions.theme,
          },
          { key: 'density', icon: <ColumnHeightOutlined />, label: t('palette.density'), onClick: actions.density },
          { key: 'mask', icon: <EyeInvisibleOutlined />, label: <span data-testid="menu-mask">{t('keys.mask')}</span>, onClick: actions.mask },
          { key: 'password', icon: <KeyOutlined />, label: t('frame.change_password'), onClick: actions.password },
          { type: 'divider' },
          {
            key: 'out',
            icon: <LogoutOutlined />,
            label: <span data-testid="menu-sign-out">{t('frame.sign_out')}</span>,
            onClick: actions.signOut,
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
  )
}

/** Whose money this is; opened, its merchant accounts: one of them is what the page then works on. */
function Merchant() {
  const t = useT()
  const { merchant_name, accounts } = useStatus()
  const place = usePlace()
  const name = (
    <span className="zf-title-merchant" data-testid="merchant">
      {merchant_name ?? t('frame.no_merchant')}
    </span>
  )
  if (accounts.length === 0) return name
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        items: [
          {
            key: 'accounts',
            type: 'group',
            label: t('frame.merchant_accounts'),
            children: accounts.map((a) => ({
              key: a.account_id,
              icon: <ChannelMark channel={a.channel} />,
              label: (
                <span className="zf-row zf-nowrap">
                  {a.display_name} <span className="zf-mono zf-t3">{a.merchant_no_masked}</span>
                </span>
              ),
              onClick: () => go(place.path, { ...place.query, account: a.account_id }),
            })),
          },
          { type: 'divider' },
          { key: 'all', icon: <ApiOutlined />, label: t('frame.all_accounts'), onClick: () => go('/channels') },
        ],
      }}
    >
      <button type="button" className="zf-title-merchant-button" data-testid="merchant-menu">
        {name}
        <DownOutlined aria-hidden />
      </button>
    </Dropdown>
  )
}

function NavLink({ route, current }: { route: PageRoute; current: boolean }) {
  const t = useT()
  const { badges } = useStatus()
  const map = useKeymap()
  const Icon = route.icon
  const n = route.badge === undefined ? 0 : badges[route.badge.of]
  return (
    <a href={href(route.path)} aria-current={current ? 'page' : undefined} title={t(route.title)} data-testid={`nav-${pageName(route)}`}>
      <Icon aria-hidden />
      <span className="zf-nav-label">{t(route.nav ?? route.title)}</span>
      {n > 0 && route.badge !== undefined ? (
        <span className={`zf-badge zf-f-${route.badge.family}`}>{n}</span>
      ) : (
        <span className="zf-nav-keys" aria-hidden>
          {keysFor(`g ${route.letter}`, map).toUpperCase()}
        </span>
      )}
    </a>
  )
}

function StatusBar({ asOf, onKeys, onMask }: { asOf: string; onKeys: () => void; onMask: () => void }) {
  const t = useT()
  const { linkUp } = useLive()
  const { accounts, version } = useStatus()
  const { masked } = usePreferences()
  const list = useAccountViews()
  return (
    <footer className="zf-statusbar">
      <span data-testid="link" data-up={linkUp}>
        <span className={`zf-dot${linkUp ? '' : ' zf-dot-down'}`} aria-hidden />
        {linkUp ? t('frame.connected') : t('frame.disconnected')}
      </span>
      <span data-testid="channels">
        <ApiOutlined aria-hidden />{' '}
        {list === undefined
          ? t('frame.channels', { n: accounts.length })
          : t('frame.channels_up', { up: list.filter((a) => a.last_self_test?.passed !== false).length, n: list.length })}
      </span>
      <TaskTray />
      <span className="zf-statusbar-right">{t('frame.as_of', { time: timeText(asOf, 'clock') })}</span>
      <span>{t('frame.zone', { offset: zoneOffset() })}</span>
      <button type="button" className="zf-linkbtn" onClick={onMask} aria-pressed={masked} data-testid="masking" data-masked={masked}>
        {masked ? <EyeInvisibleOutlined aria-hidden /> : null} {masked ? t('mask.on') : t('frame.masking')}
      </button>
      <span className="zf-t3">{t('frame.version', { version })}</span>
      <button type="button" className="zf-linkbtn" onClick={onKeys} data-testid="open-shortcuts">
        <Kbd keys="?" /> {t('frame.shortcuts')}
      </button>
    </footer>
  )
}

const densities: readonly Density[] = ['compact', 'default', 'roomy']

/** The line that says the core is silent, since when, and when it is tried again. */
function Offline() {
  const client = useQueryClient()
  const { since, retryAt } = useLive()
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500)
    return () => clearInterval(timer)
  }, [])
  const seconds = retryAt === null ? null : Math.max(0, Math.ceil((retryAt - now) / 1000))
  return (
    <OfflineBanner
      since={timeText(since, 'clock')}
      seconds={seconds}
      onRetry={() => {
        reconnect()
        void client.invalidateQueries()
      }}
    />
  )
}

/** The window once somebody is signed in: title bar, navigation, page, status bar. */
export function Frame({ asOf }: { asOf: string }) {
  const t = useT()
  const client = useQueryClient()
  const toasts = useToasts()
  const { permissions } = useStatus()
  const { user_id } = usePerson()
  const { linkUp } = useLive()
  // Too narrow for words beside the page, and at 200 % zoom.
  const narrow = useMedia('(max-width: 1000px)')
  const navSmall = usePreferences().navSmall || narrow
  const place = usePlace()
  const [sheet, setSheet] = useState(false)
  const [palette, setPalette] = useState(false)
  const [password, setPassword] = useState(false)
  const { mutate: signOut } = useWrite('session.sign_out')
  const main = useRef<HTMLElement>(null)
  const tour = useTour()
  useLook()
  const route = routes.find((r) => r.path === place.path) ?? routes[0]

  // Nobody takes back what another person did, nor is shown it.
  useEffect(
    () => () => {
      forgetDone()
      toasts.hide()
    },
    [user_id, toasts],
  )

  // Said once the link is there again: the data was read anew without a reload.
  const wasUp = useRef(linkUp)
  useEffect(() => {
    if (linkUp && !wasUp.current) toasts.show({ text: t('frame.back_online') })
    wasUp.current = linkUp
  }, [linkUp, toasts, t])

  const startTour = tour.offered ? tour.start : null
  const actions = useMemo((): FrameActions => {
    const mask = (changes: { masked?: boolean; maskAmounts?: boolean }) => {
      setPreferences(changes)
      const { masked, maskAmounts } = preferences()
      if (masked) toasts.show({ text: t('mask.on'), note: t(maskAmounts ? 'mask.on_amounts' : 'mask.on_note'), seconds: 5 })
      else toasts.show({ text: t('mask.off') })
    }
    return {
      language: () => setLanguage(language() === 'zh' ? 'en' : 'zh'),
      theme: () => setPreferences({ mode: preferences().mode === 'dark' ? 'light' : 'dark' }),
      mask: () => mask({ masked: !preferences().masked }),
      maskAmounts: () => mask({ masked: true, maskAmounts: !amountsHidden() }),
      density: () => {
        const next = densities[(densities.indexOf(preferences().density) + 1) % densities.length] ?? 'default'
        setPreferences({ density: next })
        toasts.show({ text: t('frame.density', { name: t(`frame.density.${next}`) }) })
      },
      nav: () => setPreferences({ navSmall: !preferences().navSmall }),
      refresh: () => void client.invalidateQueries(),
      password: () => setPassword(true),
      signOut: () => signOut({}),
      tour: startTour,
      keys: () => setSheet(true),
    }
    // The tour's own functions are new at each render and mean the same.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [t, client, toasts, signOut, startTour === null])

  const hotkeys: Hotkey[] = [
    { keys: 'mod+k', run: () => setPalette(true), whileTyping: true, label: t('keys.palette'), group: 'global' },
    { keys: '/', run: search, label: t('keys.search'), group: 'global' },
    { keys: '?', run: () => setSheet(true), label: t('keys.title'), group: 'global' },
    { keys: 'F5', run: actions.refresh, whileTyping: true, label: t('keys.refresh'), group: 'global' },
    { keys: 'mod+shift+m', run: actions.mask, whileTyping: true, label: t('keys.mask'), group: 'global' },
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
      <button
        type="button"
        className="zf-skip"
        onClick={() => main.current?.focus()}
        data-testid="skip"
      >
        {t('frame.skip')}
      </button>
      <header className="zf-title">
        <span className="zf-logo" aria-hidden>
          {/* The logo is the character itself. */}
          {'\u8d26'}
        </span>
        <span className="zf-title-name">{t('common.app')}</span>
        <Merchant />
        <button type="button" className="zf-title-box" onClick={() => setPalette(true)} aria-haspopup="dialog" data-testid="search-box">
          <SearchOutlined aria-hidden />
          <span className="zf-cut">{t('frame.search')}</span>
          <Kbd keys="mod+K" />
        </button>
        <EnvironmentBadge />
        <Alerts />
        <Who actions={actions} />
      </header>
      <nav className="zf-nav" aria-label={t('frame.nav')}>
        {groups.map((group) => {
          const items = routes.filter((r) => r.group === group)
          if (items.length === 0) return null
          return (
            <div key={group} className={group === 'end' ? 'zf-nav-end' : undefined}>
              {group === 'end' || group === 'top' ? null : <div className="zf-nav-group">{t(`frame.group.${group}`)}</div>}
              {items.map((r) => (
                <NavLink key={r.path} route={r} current={r === route} />
              ))}
            </div>
          )
        })}
        <button
          type="button"
          className="zf-nav-fold"
          aria-label={navSmall ? t('frame.nav_wide') : t('frame.nav_narrow')}
          title={navSmall ? t('frame.nav_wide') : t('frame.nav_narrow')}
          onClick={actions.nav}
          data-testid="nav-fold"
        >
          {navSmall ? <MenuUnfoldOutlined aria-hidden /> : <MenuFoldOutlined aria-hidden />}
        </button>
      </nav>
      <main className="zf-main" tabIndex={-1} ref={main} data-testid={`page-${pageName(route)}`}>
        {linkUp ? null : <Offline />}
        <TourStrip tour={tour} />
        {denied ? (
          <div className="zf-page" data-testid="page-denied">
            <Empty
              title={t('state.page_denied')}
              note={t('state.page_denied_note', { permission: t(`permission.${route.needs ?? 'view_orders'}`) })}
            />
          </div>
        ) : (
          <PageGuard key={route.path}>
            <Suspense
              fallback={
                <div className="zf-page">
                  <Skeleton rows={12} />
                </div>
              }
            >
              <Page />
            </Suspense>
          </PageGuard>
        )}
      </main>
      <StatusBar asOf={asOf} onKeys={actions.keys} onMask={actions.mask} />
      <ToastPlace />
      <ShortcutSheet open={sheet} onClose={() => setSheet(false)} onTour={startTour} />
      <Palette open={palette} onClose={() => setPalette(false)} actions={actions} />
      <PasswordOverlay open={password} onClose={() => setPassword(false)} />
    </div>
  )
}
