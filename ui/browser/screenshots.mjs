/**
 * `make screenshots`: every page of the console, light and dark, Chinese and English, 1440×900 and
 * 1100×700, and the states that matter, from a demonstration through the real backend.
 *
 *   node browser/screenshots.mjs [--only orders,palette] [--out DIR]
 *
 * Pictures and an index to look through go to tests/output/screens/console. It ends with 1 when a page
 * threw, broke its security policy, shows an error, holds an unfilled or untranslated text, is wider
 * than its place or cuts a control off.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Desk, root } from './console.mjs'
import { complaints, denied, languages, launch, modes, navigation, open, plan, settle, visit } from './pages.mjs'

const args = process.argv.slice(2)
const option = (name) => (args.includes(`--${name}`) ? args[args.indexOf(`--${name}`) + 1] : undefined)
const only = option('only')?.split(',')
const out = option('out') ?? join(root, 'tests/output/screens/console')
const sizes = [
  [1440, 900],
  [1100, 700],
]
const wanted = (name) => only === undefined || only.includes(name)

const desk = new Desk()
const empty = new Desk()
const browser = await launch()
const wrong = []
/** Name of the picture → folder of the combination → file. */
const taken = new Map()

async function shoot(page, name, title, { mode, language, size }, expected = () => false) {
  await settle(page)
  const combination = `${language}-${mode}-${size.join('x')}`
  mkdirSync(join(out, combination), { recursive: true })
  const file = `${combination}/${name}.png`
  await page.screenshot({ path: join(out, file) })
  const row = taken.get(name) ?? { title, files: {} }
  row.files[combination] = file
  taken.set(name, row)
  for (const text of new Set(await complaints(page, language))) if (!expected(text)) wrong.push(`${file}: ${text}`)
  page.faults.length = 0
}

const of = (id) => `[data-testid="${id}"]`
const first = (page, id) => page.locator(of(id)).first()

/** A paid order with nothing refunded, for the pictures that need one. */
async function paidOrder(page) {
  await visit(page, '/orders?state=paid')
  await page.locator(`${of('orders-grid')} ${of('row')}`).first().click()
  await settle(page)
}

let batchDay = 0

/** States beside the plain pages. Each begins on a page of its own and is left with Escape. */
const states = [
  {
    name: 'state-palette',
    title: '命令面板',
    role: 'clerk',
    show: async (page) => {
      await visit(page, '/orders')
      await page.keyboard.press('Control+k')
      await page.waitForSelector(of('palette'))
      await page.keyboard.type(await page.evaluate(() => document.querySelector('[data-testid=orders-grid] [data-testid=row]').innerText.match(/[A-Z]{2}\d{10,}/)[0]))
      await page.waitForSelector('[data-entry^="order-"]')
    },
  },
  {
    name: 'state-palette-actions',
    title: '命令面板：动作',
    role: 'clerk',
    show: async (page) => {
      await visit(page, '/orders')
      await page.keyboard.press('Control+k')
      await page.waitForSelector(of('palette'))
      await page.keyboard.type('>')
    },
  },
  {
    name: 'state-shortcuts',
    title: '快捷键',
    role: 'clerk',
    show: async (page) => {
      await visit(page, '/orders')
      await page.evaluate(() => document.activeElement?.blur())
      await page.keyboard.press('?')
      await page.waitForSelector(of('shortcut-sheet'))
    },
  },
  { name: 'state-order', title: '订单详情', role: 'clerk', show: paidOrder },
  {
    name: 'state-refund-form',
    title: '退款表单',
    role: 'clerk',
    show: async (page) => {
      await paidOrder(page)
      await first(page, 'action-request_refund').click()
      await page.waitForSelector(of('refund-form'))
      await first(page, 'refund-amount').fill('1.00')
    },
    leave: (page) => page.goto(`${desk.url}/#/orders`),
  },
  {
    name: 'state-approval-signing',
    title: '审批签署',
    role: 'approver',
    show: async (page) => {
      await visit(page, '/approvals')
      await page.locator(`${of('queue-item')}[data-mine="true"]`).first().click()
      await settle(page)
      await first(page, 'approve').click()
      await page.waitForSelector(of('approve-step'))
    },
  },
  {
    name: 'state-tour',
    title: '演示的一天',
    role: 'clerk',
    show: async (page) => {
      await visit(page, '/orders')
      await page.evaluate(() => document.activeElement?.blur())
      await page.keyboard.press('?')
      await page.waitForSelector(of('shortcut-sheet'))
      await first(page, 'sheet-tour').click()
      await page.waitForSelector(of('tour'))
      await first(page, 'tour-open').click()
      await page.waitForSelector(of('tour-steps'))
    },
    leave: async (page) => {
      await page.keyboard.press('Escape')
      await first(page, 'tour-away').click()
    },
  },
  {
    name: 'state-batch',
    title: '批量开具进行中',
    role: 'clerk',
    // Goes on with the batch of the picture before; another day once that one is done, for no order gets a second receipt.
    show: async (page) => {
      await visit(page, '/receipts')
      // What is left of the last one may be over before it can be held: then the next day is begun.
      const held = () =>
        first(page, 'pause-work')
          .click({ timeout: 3000 })
          .then(() => true, () => false)
      if ((await page.locator(of('batch-continue')).count()) > 0) await first(page, 'batch-continue').click()
      while (batchDay < 7 && !(await held())) {
        batchDay += 1
        await first(page, 'batch-open').click()
        const yesterday = await first(page, 'batch-from').inputValue()
        const day = new Date(Date.parse(yesterday) - batchDay * 86_400_000).toISOString().slice(0, 10)
        await first(page, 'batch-from').fill(day)
        await first(page, 'batch-to').fill(day)
        await page.waitForSelector(of('batch-preview'))
        await first(page, 'batch-go').click()
      }
    },
    leave: async (page) => {
      const cancel = first(page, 'cancel-work')
      if (await cancel.isVisible()) await cancel.click()
      await page.waitForSelector(of('batch-running'), { state: 'detached' })
    },
  },
  {
    name: 'state-partial',
    title: '合计缺了什么',
    role: 'clerk',
    show: async (page) => {
      await visit(page, '/')
      await page.locator('.zf-about-button.zf-c-at').first().click()
      await page.waitForSelector('[data-testid$="-note"].zf-about')
    },
  },
  {
    name: 'state-offline',
    title: '断线',
    role: 'clerk',
    // The picture is there to show the panel, and the browser tells of every refused connection.
    expected: (text) => text.startsWith('error panel: ') || text.includes('ERR_CONNECTION_REFUSED'),
    show: async (page) => {
      await visit(page, '/orders')
      await desk.stop()
      await page.waitForSelector(of('offline'))
    },
    leave: async (page) => {
      await desk.serve()
      await page.waitForSelector(of('offline'), { state: 'detached' })
    },
  },
  {
    name: 'state-denied',
    title: '没有权限的页',
    role: 'clerk',
    show: async (page) => {
      for (const route of await navigation(page)) {
        await visit(page, route.path)
        if (await denied(page)) return
      }
    },
  },
]

/** Makes sure that somebody waits for an approval. */
async function askForARefund() {
  const page = await open(browser, desk.url, { role: 'clerk' })
  await paidOrder(page)
  await first(page, 'action-request_refund').click()
  await page.waitForSelector(of('refund-form'))
  await first(page, 'refund-amount').fill('1.00')
  if ((await first(page, 'refund-note').count()) > 0) await first(page, 'refund-note').fill('客人改主意，协商退一元')
  for (const box of await page.locator('[data-testid^="confirm-"]').all()) {
    const input = (await box.evaluate((e) => e.matches('input'))) ? box : box.locator('input')
    await input.check({ force: true })
  }
  await first(page, 'refund-submit').click()
  await page.waitForSelector(`${of('refund-detail')}[data-state="awaiting_approval"]`)
  await page.context().close()
}

async function pictures() {
  await Promise.all([desk.demo(), empty.serve()])
  await desk.serve()
  const pages = await plan(browser, desk.url)
  if (wanted('approvals') || wanted('state-approval-signing')) await askForARefund()
  for (const mode of modes) {
    for (const language of languages) {
      for (const [name, title, url] of [
        ['door-sign-in', '登录', desk.url],
        ['door-first-run', '首次启动', empty.url],
      ]) {
        if (!wanted(name)) continue
        const page = await open(browser, url, { role: null, mode, language })
        for (const size of sizes) {
          await page.setViewportSize({ width: size[0], height: size[1] })
          await shoot(page, name, title, { mode, language, size })
        }
        await page.context().close()
      }
      for (const role of new Set([...pages, ...states].map((one) => one.role))) {
        const plain = pages.filter((route) => route.role === role && wanted(route.name))
        // What waits for an approval is best seen by whom it waits for.
        if (role === 'approver' && wanted('approvals')) plain.push({ name: 'approvals-approver', path: '/approvals', title: '审批（复核人）' })
        const extra = states.filter((state) => state.role === role && wanted(state.name))
        if (plain.length + extra.length === 0) continue
        const page = await open(browser, desk.url, { role, mode, language })
        for (const size of sizes) {
          await page.setViewportSize({ width: size[0], height: size[1] })
          for (const route of plain) {
            await visit(page, route.path)
            await shoot(page, route.name, route.title, { mode, language, size })
          }
          for (const state of extra) {
            try {
              await state.show(page)
              await shoot(page, state.name, state.title, { mode, language, size }, state.expected)
            } catch (error) {
              wrong.push(`${state.name}, ${language} ${mode} ${size.join('×')}: ${String(error).split('\n')[0]}`)
            }
            if (state.leave) await state.leave(page)
            else await page.keyboard.press('Escape')
            await settle(page)
            page.faults.length = 0
          }
        }
        await page.context().close()
        console.log(`▸ ${language} ${mode} ${role}: ${plain.length + extra.length} screens in ${sizes.length} sizes`)
      }
    }
  }
}

const cell = (file) => (file === undefined ? '<td></td>' : `<td><a href="${file}"><img loading="lazy" src="${file}"></a></td>`)

/** An index to look through quickly, and one sheet of small pictures for each combination. */
async function index() {
  const combinations = [...new Set([...taken.values()].flatMap((row) => Object.keys(row.files)))].toSorted()

  writeFileSync(
    join(out, 'index.html'),
    `<!doctype html><meta charset="utf-8"><title>Screens</title><style>body{font:13px sans-serif;margin:16px;background:#888}td,th{padding:4px;vertical-align:top;text-align:left;background:#eee}img{width:340px}tr>th:first-child{position:sticky;left:0;min-width:110px}thead th{position:sticky;top:0;z-index:1}pre{background:#eee;padding:8px}</style>` +
      `<pre>${wrong.length === 0 ? 'Nothing was wrong.' : wrong.map((text) => text.replaceAll('<', '&lt;')).join('\n')}</pre>` +
      `<table><thead><tr><th></th>${combinations.map((c) => `<th>${c}</th>`).join('')}</tr></thead>` +
      [...taken].map(([name, row]) => `<tr><th>${row.title}<br>${name}</th>${combinations.map((c) => cell(row.files[c])).join('')}</tr>`).join('') +
      '</table>',
  )
  const page = await browser.newPage({ viewport: { width: 1600, height: 900 } })
  for (const combination of combinations) {
    const sheet = join(out, `sheet-${combination}.html`)
    const shown = [...taken].filter(([, row]) => row.files[combination] !== undefined)
    writeFileSync(
      sheet,
      `<!doctype html><meta charset="utf-8"><style>body{font:12px sans-serif;margin:8px;display:grid;grid-template-columns:repeat(3,1fr);gap:8px}img{width:100%;display:block}</style>` +
        shown.map(([name, row]) => `<div>${name}<img src="${row.files[combination]}"></div>`).join(''),
    )
    await page.goto(`file://${sheet}`)
    await page.waitForLoadState('networkidle')
    await page.screenshot({ path: sheet.replace('.html', '.png'), fullPage: true })
    rmSync(sheet)
  }
}

try {
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  await pictures()
  await index()
} finally {
  await browser.close()
  await Promise.all([desk.close(), empty.close()])
}
const count = [...taken.values()].reduce((sum, row) => sum + Object.keys(row.files).length, 0)
console.log(`▸ ${count} pictures; look through ${join(out, 'index.html')}`)
for (const text of wrong) console.log(`✗ ${text}`)
process.exit(wrong.length > 0 ? 1 : 0)
