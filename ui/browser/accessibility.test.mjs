/**
 * Every page of the console, read by axe and looked at as people with other eyes, hands and settings
 * have it: forced colours, reduced motion, 200 % zoom, the keyboard alone.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, test } from 'node:test'
import { Desk } from './console.mjs'
import { complaints, denied, languages, launch, modes, navigation, open, plan, roles, visit } from './pages.mjs'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const desk = new Desk()
let browser
let pages

before(async () => {
  await desk.demo()
  await desk.serve()
  browser = await launch()
  pages = await plan(browser, desk.url)
})

after(async () => {
  await browser?.close()
  await desk.close()
})

/** Fails with the whole list, and nothing else. */
function nothing(wrong) {
  if (wrong.length > 0) assert.fail(`${wrong.length} found\n${[...new Set(wrong)].join('\n')}`)
}

/** Does something on every page, person by person, and gathers what is wrong. */
async function everywhere(options, look) {
  const wrong = []
  for (const role of roles) {
    const theirs = pages.filter((route) => route.role === role)
    if (theirs.length === 0) continue
    const page = await open(browser, desk.url, { ...options, role })
    for (const route of theirs) {
      await visit(page, route.path)
      for (const fault of await look(page, route)) wrong.push(`${route.path}: ${fault}`)
    }
    await page.context().close()
  }
  return wrong
}

/** What axe finds that hinders people: serious and critical. */
async function findings(page) {
  await page.evaluate(`window.axe === undefined && (() => { ${axe} })()`)
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }))
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) =>
      nodes.map((node) => `${id} (${help}): ${node.target.join(' ')}\n    ${node.html.slice(0, 200)}\n    ${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? ''}`),
    )
}

test('somebody may see every page, and what is denied says so', async () => {
  assert.ok(pages.length >= 10, `${pages.length} pages`)
  const page = await open(browser, desk.url, { role: 'clerk' })
  assert.equal((await navigation(page)).length, pages.length)
  const others = pages.filter((route) => route.role !== 'clerk')
  for (const route of others) {
    await visit(page, route.path)
    assert.ok(await denied(page), route.path)
  }
  await page.context().close()
})

for (const mode of modes) {
  for (const language of languages) {
    test(`axe and the page itself find nothing, ${mode} ${language}`, async () => {
      const wrong = await everywhere({ mode, language }, async (page) => [...(await complaints(page, language)), ...(await findings(page))])
      nothing(wrong)
    })
  }
}

test('the door: sign-in and first run', async () => {
  const empty = new Desk()
  const wrong = []
  try {
    await empty.serve()
    for (const [name, url] of [['sign-in', desk.url], ['first run', empty.url]]) {
      for (const mode of modes) {
        const page = await open(browser, url, { role: null, mode })
        for (const fault of [...(await complaints(page, 'zh')), ...(await findings(page))]) wrong.push(`${name}, ${mode}: ${fault}`)
        await page.context().close()
      }
    }
  } finally {
    await empty.close()
  }
  nothing(wrong)
})

test('forced colours and reduced motion: pages stay whole, nothing turns', async () => {
  const wrong = await everywhere({ forcedColors: 'active', reducedMotion: 'reduce' }, async (page) => {
    const moving = await page.evaluate(() =>
      document
        .getAnimations()
        .filter((a) => a.playState === 'running' && a.effect?.getComputedTiming().endTime === Infinity)
        .map((a) => `still moves: ${a.effect.target?.className} ${a.animationName ?? ''}`),
    )
    // Where the system paints the ground, a badge told apart by its fill alone would vanish.
    const vanished = await page.evaluate(() =>
      [...document.querySelectorAll('.zf-badge, .zf-status, .zf-env-badge')]
        .filter((e) => e.getClientRects().length > 0 && e.innerText.trim() === '' && e.querySelector('svg') === null && !e.hasAttribute('aria-label'))
        .map((e) => `says nothing without its colour: ${e.outerHTML.slice(0, 120)}`),
    )
    return [...(await complaints(page, 'zh')), ...moving, ...vanished]
  })
  nothing(wrong)
})

test('200 % zoom: every control can be reached', async () => {
  const wrong = await everywhere({ size: [720, 450], scale: 2 }, async (page) => {
    const lost = await page.evaluate(() => {
      const bad = []
      const controls = document.querySelectorAll('button, a[href], input, select, textarea, [role=tab], [role=button], [tabindex="0"]')
      for (const control of controls) {
        if (control.getClientRects().length === 0 || control.disabled || getComputedStyle(control).visibility === 'hidden') continue
        // Comes into the window with the focus.
        if (control.dataset.testid === 'skip') continue
        // Its drawn stand-in is what is pressed.
        if (control.matches('input[type=checkbox], input[type=radio], input[type=file], input[role=combobox], .ant-select input, .ant-picker input, .ant-segmented input')) continue
        const name = `${control.dataset.testid ?? ''} ${(control.innerText || control.getAttribute('aria-label') || control.title || control.placeholder || control.className).trim().slice(0, 40)}`
        // What a person can scroll is scrolled; what only a script can (overflow: hidden) does not count.
        const hidden = []
        for (let e = control.parentElement; e !== null; e = e.parentElement) {
          const { overflowX, overflowY } = getComputedStyle(e)
          if (overflowX === 'hidden' || overflowY === 'hidden' || overflowX === 'clip') hidden.push([e, e.scrollLeft, e.scrollTop, overflowX, overflowY])
        }
        control.scrollIntoView({ block: 'nearest', inline: 'nearest' })
        for (const [e, left, top, x, y] of hidden) {
          if ((x !== 'auto' && x !== 'scroll' && e.scrollLeft !== left) || (y !== 'auto' && y !== 'scroll' && e.scrollTop !== top)) {
            bad.push(`hidden beyond ${e.className || e.tagName}: ${name}`)
            e.scrollLeft = left
            e.scrollTop = top
          }
        }
        const box = control.getBoundingClientRect()
        if (box.left < -1 || box.right > innerWidth + 1 || box.top < -1 || box.bottom > innerHeight + 1) {
          // What is larger than its place (a grid) can only be seen in parts.
          const place = document.querySelector('.zf-main')
          if (box.width <= place.clientWidth && box.height <= place.clientHeight) bad.push(`out of the window: ${name} ${Math.round(box.left)}…${Math.round(box.right)} × ${Math.round(box.top)}…${Math.round(box.bottom)}`)
        }
      }
      document.querySelectorAll('*').forEach((e) => {
        if (e.scrollTop !== 0) e.scrollTop = 0
      })
      return [...new Set(bad)]
    })
    return [...(await complaints(page, 'zh')).filter((c) => !c.includes('wider than its place')), ...lost]
  })
  nothing(wrong)
})

test('the focus can be seen wherever Tab goes', async () => {
  for (const mode of modes) {
    const wrong = await everywhere({ mode }, async (page) => {
      const unseen = []
      await page.evaluate(() => document.activeElement?.blur())
      for (let i = 0; i < 40; i += 1) {
        await page.keyboard.press('Tab')
        const stop = await page.evaluate(() => {
          const e = document.activeElement
          if (e === null || e === document.body) return null
          // In a part of a date field, the browser marks that part.
          if (!e.matches(':focus')) return { seen: true }
          // Boxes and fields wear the ring on what is drawn for them.
          const drawn = e.closest('.ant-checkbox, .ant-radio, .ant-switch, .ant-input-affix-wrapper, .ant-select, .ant-picker, .ant-segmented-item, .zf-field, [data-ring]')
          const seen = [e, drawn, drawn?.querySelector('.ant-checkbox-inner, .ant-radio-inner'), e.parentElement].some((one) => {
            if (!(one instanceof Element)) return false
            const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one)
            return (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2) || boxShadow !== 'none'
          })
          return { seen, what: `${e.tagName.toLowerCase()} ${e.dataset.testid ?? ''} ${e.className} ${(e.innerText || e.getAttribute('aria-label') || '').slice(0, 40)}` }
        })
        if (stop === null) break
        if (!stop.seen) unseen.push(`no focus ring: ${stop.what}`)
      }
      return unseen
    })
    nothing(wrong)
  }
})
