/**
 * Chromium at the console: signing in, going from page to page, and what a page may not do.
 *
 * Pages are read from the console's own navigation, so that a new page is covered the day it appears.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { chromium } from 'playwright-core'

const patience = 30_000

export const roles = ['clerk', 'approver', 'auditor', 'administrator']
export const modes = ['light', 'dark']
export const languages = ['zh', 'en']

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--force-color-profile=srgb', '--font-render-hinting=none'],
  })
}

/** Calls a declared procedure from outside the page, with the session of its context. */
export async function call(context, url, name, params = {}) {
  const response = await context.request.post(`${url}/api/rpc/${name}`, { headers: { 'X-Zf-Console': '1' }, data: params })
  const body = await response.json()
  if (!response.ok()) throw new Error(`${name}: ${JSON.stringify(body)}`)
  return body
}

/** Signs a person of the demonstration in by role. */
export async function signIn(context, url, role) {
  const status = await call(context, url, 'app.status')
  const person = status.demo_logins.find((login) => login.role === role)
  if (person === undefined) throw new Error(`the demonstration has no ${role}`)
  await call(context, url, 'session.sign_in', { login: person.login, password: person.password })
  return person
}

/**
 * A page of the console. Whatever it complains of is kept in `page.faults`.
 *
 * @param role who sits there; null for nobody yet
 */
export async function open(browser, url, options = {}) {
  const { role = 'clerk', mode = 'light', language = 'zh', size = [1440, 900], scale = 1, preferences = {}, tour = false, ...media } = options
  const context = await browser.newContext({
    viewport: { width: size[0], height: size[1] },
    deviceScaleFactor: scale,
    timezoneId: 'Asia/Shanghai',
    locale: language === 'zh' ? 'zh-CN' : 'en-GB',
    colorScheme: mode,
    ...media,
  })
  context.setDefaultTimeout(patience)
  if (role !== null) await signIn(context, url, role)
  await context.addInitScript(
    ([held, lang, walk]) => {
      localStorage.setItem('zf.preferences', JSON.stringify(held))
      localStorage.setItem('zf.language', lang)
      localStorage.setItem('zf.tour', JSON.stringify({ done: [], away: !walk }))
    },
    [{ mode, navSmall: false, ...preferences }, language, tour],
  )
  const page = await context.newPage()
  page.faults = []
  page.calls = new Set()
  const fault = (text) => page.faults.push(text)
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') fault(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => fault(`threw: ${error}`))
  page.on('request', (request) => request.url().includes('/api/rpc/') && page.calls.add(request))
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, (request) => page.calls.delete(request))
  await page.goto(url)
  await page.waitForSelector(role === null ? '.zf-door' : '[data-testid=who]')
  await settle(page)
  return page
}

/** Waits until the page has said everything: no call under way, nothing loading, nothing moving. */
export async function settle(page) {
  let quietSince = 0
  const end = Date.now() + patience
  for (;;) {
    const still =
      page.calls.size === 0 &&
      (await page.evaluate(
        () =>
          document.querySelector('.zf-skeleton, [aria-busy="true"]') === null &&
          !document.getAnimations().some((a) => a.playState === 'running' && a.effect?.getComputedTiming().endTime !== Infinity),
      ))
    if (!still) quietSince = 0
    else if (quietSince === 0) quietSince = Date.now()
    else if (Date.now() - quietSince >= 150) return
    if (Date.now() > end) throw new Error(`${page.url()} does not come to rest; waiting for ${[...page.calls].map((c) => c.url()).join(' ')}`)
    await page.waitForTimeout(40)
  }
}

/** Goes to a page by its address. */
export async function visit(page, path) {
  await page.evaluate((to) => (location.hash = `#${to}`), path)
  const name = path.slice(1).split('?')[0]
  await page.waitForSelector(`[data-testid="page-${name === '' ? 'desk' : name}"]`)
  await settle(page)
}

/** The pages of the navigation, in its order. */
export function navigation(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll('nav a[href][data-testid^="nav-"]')].map((a) => ({
      name: a.dataset.testid.slice(4),
      path: a.getAttribute('href').replace(/^#/, ''),
      title: a.querySelector('.zf-nav-label')?.textContent?.trim() ?? a.title,
    })),
  )
}

/** Whether this person is told that the page is not for them. */
export function denied(page) {
  return page.evaluate(() => document.querySelector('[data-testid="page-denied"]') !== null)
}

/** Every page with the first role that may see it. */
export async function plan(browser, url) {
  let waiting = null
  const planned = []
  for (const role of roles) {
    if (waiting !== null && waiting.length === 0) break
    const page = await open(browser, url, { role })
    const all = await navigation(page)
    waiting ??= all
    const left = []
    for (const route of waiting) {
      await visit(page, route.path)
      if (await denied(page)) left.push(route)
      else planned.push({ ...route, role, at: all.findIndex((r) => r.path === route.path) })
    }
    waiting = left
    await page.context().close()
  }
  if (waiting.length > 0) throw new Error(`nobody may see ${waiting.map((route) => route.path).join(', ')}`)
  return planned.toSorted((a, b) => a.at - b.at)
}

/** Messages of the catalogue without parameters: [Chinese, English], from its sources. */
function messages() {
  const folder = new URL('../src/i18n/areas/', import.meta.url)
  const found = []
  for (const file of readdirSync(folder)) {
    const text = readFileSync(new URL(file, folder), 'utf8')
    for (const [, zh, en] of text.matchAll(/^\s*'[\w.-]+': \['([^']*)', (?:'([^']*)'|"([^"]*)")\]/gm)) found.push([zh, en])
  }
  if (found.length < 100) throw new Error('the catalogue was not understood')
  return found
}
const chineseOnly = messages()
  .filter(([zh, en]) => zh !== en && /\p{Script=Han}/u.test(zh) && [...zh].length > 1)
  .map(([zh]) => zh)

/** What is wrong with the page as it stands; an empty list when nothing is. */
export async function complaints(page, language) {
  const seen = await page.evaluate(
    ([lang, chinese]) => {
      const wrong = []
      const html = document.documentElement
      if (html.dataset.fault) wrong.push(`threw: ${html.dataset.fault}`)
      if (html.dataset.policyViolation) wrong.push(`policy: ${html.dataset.policyViolation}`)
      for (const panel of document.querySelectorAll('[role=alert][data-code]')) wrong.push(`error panel: ${panel.innerText.replaceAll('\n', ' ')}`)
      if (html.scrollWidth > innerWidth) wrong.push(`the window scrolls sideways: ${html.scrollWidth} > ${innerWidth}`)
      for (const area of document.querySelectorAll('.zf-main, .zf-page, .zf-door-main, .zf-nav, .zf-title, .zf-statusbar, .ant-modal-body, .ant-drawer-body')) {
        if (area.scrollWidth > area.clientWidth + 1 && area.clientWidth > 0) wrong.push(`${area.className} is wider than its place: ${area.scrollWidth} > ${area.clientWidth}`)
      }
      for (const control of document.querySelectorAll('button, [role=tab], .zf-tag, .zf-status')) {
        if (control.clientWidth > 0 && control.scrollWidth > control.clientWidth + 1 && getComputedStyle(control).textOverflow !== 'ellipsis')
          wrong.push(`cut off: ${control.innerText.trim().slice(0, 60)} (${control.scrollWidth} > ${control.clientWidth})`)
      }
      const words = new Set(chinese)
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
      const said = []
      while (walker.nextNode()) said.push([walker.currentNode.textContent.trim(), walker.currentNode.parentElement])
      for (const e of document.querySelectorAll('[aria-label], [title], [placeholder]'))
        for (const name of ['aria-label', 'title', 'placeholder']) if (e.hasAttribute(name)) said.push([e.getAttribute(name).trim(), e])
      for (const [text, where] of said) {
        if (text === '' || where?.checkVisibility() !== true || where.closest('[data-raw], pre, code') !== null) continue
        if (/\bundefined\b|\bNaN\b|\[object |Invalid Date/.test(text)) wrong.push(`not meant for people: ${text.slice(0, 80)}`)
        if (/\{[a-z_]+(\|[^}]*)?\}/.test(text)) wrong.push(`unfilled: ${text.slice(0, 80)}`)
        if (lang === 'en' && words.has(text) && where.closest('[data-own-words], [lang=zh-CN]:not(html)') === null) wrong.push(`not in English: ${text}`)
      }
      return wrong
    },
    [language, chineseOnly],
  )
  return [...page.faults, ...seen]
}
