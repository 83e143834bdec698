/**
 * The colours of the console, light and dark, by role. Everything on screen takes its colour from
 * here: antd through `antd.ts`, our own CSS through the variables set by `applyTheme`.
 */
export type Mode = 'light' | 'dark'

/** Seven families; each status belongs to one. See `status/dictionary.ts`. */
export const families = ['ok', 'ru', 'wa', 'at', 'br', 'un', 'vo'] as const
export type Family = (typeof families)[number]

/** The place the money is: real, a channel's stand-in, or an invented merchant. */
export const environments = ['production', 'sandbox', 'demo'] as const
export type Environment = (typeof environments)[number]

type FamilyColours = { text: string; fill: string; border: string; solid: string }

export type Palette = {
  layout: string
  container: string
  elevated: string
  alter: string
  hover: string
  selected: string
  split: string
  border: string
  controlBorder: string
  inputBorder: string
  text: string
  text2: string
  text3: string
  disabled: string
  primary: string
  primaryHover: string
  primaryActive: string
  link: string
  /** Bars of a chart: the usual one, the one meant, and a second measure. */
  chart: string
  chartStrong: string
  chartSecond: string
  shadow: string
  families: Record<Family, FamilyColours>
}

const light: Palette = {
  layout: '#F5F5F2',
  container: '#FFFFFF',
  elevated: '#FFFFFF',
  alter: '#FAFAF8',
  hover: '#F1F1ED',
  selected: '#EAF0FA',
  split: '#EAEAE6',
  border: '#DDDDD7',
  controlBorder: '#C9C9C2',
  inputBorder: '#8F8F89',
  text: '#1B1E23',
  text2: '#4B515A',
  text3: '#666C75',
  disabled: '#9A9EA5',
  primary: '#1F4E9E',
  primaryHover: '#2A61BF',
  primaryActive: '#173E80',
  link: '#1F4E9E',
  chart: '#7B9BD1',
  chartStrong: '#1F4E9E',
  chartSecond: '#8F8F89',
  shadow: '0 8px 28px rgb(16 20 28 / 18%), 0 2px 6px rgb(16 20 28 / 10%)',
  families: {
    ok: { text: '#0B6B4A', fill: '#E6F4EE', border: '#B3DCCB', solid: '#12805A' },
    ru: { text: '#1D55AE', fill: '#E8F0FB', border: '#BBD0F0', solid: '#2A61BF' },
    wa: { text: '#4B515A', fill: '#EFEFEB', border: '#D6D6D0', solid: '#B9BCC2' },
    at: { text: '#965E00', fill: '#FFF3DC', border: '#EFD09A', solid: '#B86E00' },
    br: { text: '#A31C1C', fill: '#FDECEA', border: '#F1BFBA', solid: '#C2352B' },
    un: { text: '#7B2382', fill: '#F8ECF8', border: '#CF9AD2', solid: '#8A2485' },
    vo: { text: '#666C75', fill: 'transparent', border: '#C9C9C2', solid: '#9A9EA5' },
  },
}

const dark: Palette = {
  layout: '#0F1114',
  container: '#17191D',
  elevated: '#1E2126',
  alter: '#131518',
  hover: '#202328',
  selected: '#1A2A45',
  split: '#26292E',
  border: '#31353B',
  controlBorder: '#454A52',
  inputBorder: '#6F757E',
  text: '#E4E6EA',
  text2: '#ABB1BA',
  text3: '#8B929C',
  disabled: '#5E646D',
  primary: '#2F66C0',
  primaryHover: '#3B76D6',
  primaryActive: '#2757A8',
  link: '#7FAEF5',
  chart: '#4F76B8',
  chartStrong: '#8CB6F8',
  chartSecond: '#6F757E',
  shadow: '0 8px 28px rgb(0 0 0 / 55%), 0 2px 6px rgb(0 0 0 / 40%)',
  families: {
    ok: { text: '#5FCB9E', fill: '#10291F', border: '#1F4D3A', solid: '#2FA577' },
    ru: { text: '#8CB6F8', fill: '#15253D', border: '#284674', solid: '#4A82DD' },
    wa: { text: '#ABB1BA', fill: '#25282D', border: '#3A3E45', solid: '#5A6069' },
    at: { text: '#EDB354', fill: '#2E2210', border: '#5A431C', solid: '#C98A22' },
    br: { text: '#FF8F85', fill: '#361816', border: '#6A2B27', solid: '#E0584D' },
    un: { text: '#E29BE0', fill: '#2C1A2E', border: '#7A4A7C', solid: '#C56BC4' },
    vo: { text: '#8B929C', fill: 'transparent', border: '#454A52', solid: '#5E646D' },
  },
}

export const palettes: Record<Mode, Palette> = { light, dark }

type EnvironmentColours = {
  bar: string
  barText: string
  barText2: string
  box: string
  boxBorder: string
  badge: string
  badgeText: string
}

/** Title bar and badge; the frame's pattern is in `theme.css`. */
export const environmentColours: Record<Mode, Record<Environment, EnvironmentColours>> = {
  light: {
    production: {
      bar: '#16202D',
      barText: '#FFFFFF',
      barText2: '#C3CAD4',
      box: '#243142',
      boxBorder: '#3A4A60',
      badge: '#FFFFFF',
      badgeText: '#16202D',
    },
    sandbox: {
      bar: '#FFEFC9',
      barText: '#1B1E23',
      barText2: '#4B3B12',
      box: '#FFF8E6',
      boxBorder: '#C9A85A',
      badge: '#3B2A05',
      badgeText: '#FFE9B0',
    },
    demo: {
      bar: '#DFF1F0',
      barText: '#1B1E23',
      barText2: '#24494A',
      box: '#F2FAFA',
      boxBorder: '#8DC3C3',
      badge: '#0F4F4F',
      badgeText: '#DFF6F5',
    },
  },
  dark: {
    production: {
      bar: '#1A2535',
      barText: '#FFFFFF',
      barText2: '#C3CAD4',
      box: '#26344A',
      boxBorder: '#3C4E69',
      badge: '#D5DDE8',
      badgeText: '#16202D',
    },
    sandbox: {
      bar: '#33270D',
      barText: '#FBF0D4',
      barText2: '#DCC68E',
      box: '#41330F',
      boxBorder: '#7A6128',
      badge: '#F2C75C',
      badgeText: '#2B1E02',
    },
    demo: {
      bar: '#0F2F30',
      barText: '#E2F6F5',
      barText2: '#A6D3D2',
      box: '#163D3E',
      boxBorder: '#2F6B6B',
      badge: '#8FD6D4',
      badgeText: '#062A2A',
    },
  },
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (m) => `-${m.toLowerCase()}`)

/** Every CSS variable of a mode and environment, as [name, value]. */
export function variables(mode: Mode, environment: Environment): [string, string][] {
  const { families: byFamily, ...roles } = palettes[mode]
  const list: [string, string][] = Object.entries(roles).map(([k, v]) => [`--zf-${kebab(k)}`, v])
  for (const [family, colours] of Object.entries(byFamily)) {
    for (const [k, v] of Object.entries(colours)) list.push([`--zf-${family}-${k}`, v])
  }
  for (const [k, v] of Object.entries(environmentColours[mode][environment])) {
    list.push([`--zf-env-${kebab(k)}`, v])
  }
  return list
}

/** Sets mode and environment on the document. Through CSSOM, so the security policy allows it. */
export function applyTheme(mode: Mode, environment: Environment): void {
  const root = document.documentElement
  root.dataset['theme'] = mode
  root.dataset['env'] = environment
  root.style.colorScheme = mode
  for (const [name, value] of variables(mode, environment)) root.style.setProperty(name, value)
}
