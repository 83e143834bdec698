// Checks the dependency policy of deny.toml without network: where packages come from, their
// licences, and crates we decided against. Advisories need cargo-deny, which is run when installed;
// without it they are NOT checked, and this says so.
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const root = new URL('..', import.meta.url).pathname
const policy = readFileSync(`${root}deny.toml`, 'utf8')
const faults = []

/** The strings of one array of deny.toml. */
function list(section, key) {
  const body = policy.split(`[${section}]`)[1]?.split(/^\[/m)[0] ?? ''
  const array = body.split(new RegExp(`^${key} = \\[`, 'm'))[1]?.split(/^\]/m)[0]
  if (array === undefined) throw new Error(`deny.toml: no ${section}.${key}`)
  return array.split('\n').map((line) => line.replace(/#.*$/, ''))
}
const allowed = new Set(list('licenses', 'allow').join('\n').match(/"[^"]+"/g)?.map((s) => s.slice(1, -1)))
const banned = new Map(
  list('bans', 'deny').flatMap((line) => {
    const found = /name = "([^"]+)".*reason = "([^"]+)"/.exec(line)
    return found === null ? [] : [[found[1], found[2]]]
  }),
)
if (allowed.size === 0 || banned.size === 0) throw new Error('deny.toml was not understood')

/** Whether an SPDX expression can be satisfied with allowed licences. */
function acceptable(expression) {
  const tokens = expression.replaceAll('/', ' OR ').match(/\(|\)|[^\s()]+/g) ?? []
  let at = 0
  const any = () => {
    let good = all()
    while (tokens[at]?.toUpperCase() === 'OR') {
      at += 1
      const right = all()
      good ||= right
    }
    return good
  }
  const all = () => {
    let good = one()
    while (tokens[at]?.toUpperCase() === 'AND') {
      at += 1
      const right = one()
      good &&= right
    }
    return good
  }
  const one = () => {
    if (tokens[at] === '(') {
      at += 1
      const good = any()
      at += 1
      return good
    }
    const licence = tokens[at]
    at += 1
    // An exception only ever grants more.
    if (tokens[at]?.toUpperCase() === 'WITH') at += 2
    return allowed.has(licence)
  }
  const good = any()
  return good && at === tokens.length
}
for (const [expression, expected] of [
  ['MIT OR GPL-3.0', true],
  ['MIT AND GPL-3.0', false],
  ['(MIT OR GPL-3.0) AND ISC', true],
  ['Apache-2.0 WITH LLVM-exception', true],
  ['GPL-3.0/MIT', true],
  ['', false],
]) {
  if (acceptable(expression) !== expected) throw new Error(`the reader of licences is wrong about: ${expression}`)
}

const metadata = JSON.parse(
  execFileSync('cargo', ['metadata', '--format-version', '1', '--locked'], {
    cwd: root,
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'inherit'],
  }),
)
for (const crate of metadata.packages) {
  const name = `${crate.name} ${crate.version}`
  if (crate.source !== null && crate.source !== 'registry+https://github.com/rust-lang/crates.io-index') {
    faults.push(`${name}: comes from ${crate.source}, not from crates.io`)
  }
  if (!acceptable(crate.license ?? '')) faults.push(`${name}: licence ${crate.license ?? 'unknown'} is not allowed`)
  const reason = banned.get(crate.name)
  if (reason !== undefined) faults.push(`${name}: decided against: ${reason}`)
}

const lock = JSON.parse(readFileSync(`${root}ui/package-lock.json`, 'utf8'))
let npm = 0
for (const [path, entry] of Object.entries(lock.packages)) {
  if (path === '') continue
  // A binary of another system, which the registry did not offer when the list was made: it cannot be
  // installed without integrity either.
  if (entry.optional === true && entry.integrity === undefined) continue
  npm += 1
  const name = `${path.replace(/^.*node_modules\//, '')} ${entry.version}`
  // Every package comes from whatever npm registry is set up; its integrity is what is checked.
  if (entry.resolved !== undefined) faults.push(`${name}: the lock file names an address`)
  if (entry.integrity === undefined) faults.push(`${name}: no integrity in the lock file`)
  if (!acceptable(entry.license ?? '')) faults.push(`${name}: licence ${entry.license ?? 'unknown'} is not allowed`)
}

for (const fault of faults) console.error(`✗ ${fault}`)
if (faults.length > 0) process.exit(1)
console.log(`  ${metadata.packages.length} crates and ${npm} npm packages: sources, licences and bans hold`)

if (spawnSync('cargo', ['deny', '--version'], { stdio: 'ignore' }).status === 0) {
  const checked = spawnSync('cargo', ['deny', '--log-level', 'error', 'check'], { cwd: root, stdio: 'inherit' })
  process.exit(checked.status ?? 1)
}
console.log('  cargo-deny is not installed: the advisory database was not consulted')
