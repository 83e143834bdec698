import { access } from './areas/access'
import { audit } from './areas/audit'
import { bills } from './areas/bills'
import { books } from './areas/books'
import { certs } from './areas/certs'
import { channels } from './areas/channels'
import { close } from './areas/close'
import { common } from './areas/common'
import { desk } from './areas/desk'
import { exportWords } from './areas/exports'
import { flow } from './areas/flow'
import { frame } from './areas/frame'
import { hands } from './areas/hands'
import { orders } from './areas/orders'
import { receipts } from './areas/receipts'
import { recon } from './areas/recon'
import { refunds } from './areas/refunds'
import { reconRules } from './areas/rules'
import { session } from './areas/session'
import { settings } from './areas/settings'
import { xray } from './areas/xray'
import { tasks } from './areas/tasks'

/** Every message of the console: [Chinese, English]. One file an area, so that two people rarely meet in one. */
export const catalogue = {
  ...common,
  ...frame,
  ...hands,
  ...session,
  ...orders,
  ...refunds,
  ...bills,
  ...books,
  ...recon,
  ...reconRules,
  ...flow,
  ...close,
  ...desk,
  ...receipts,
  ...channels,
  ...certs,
  ...audit,
  ...settings,
  ...access,
  ...xray,
  ...tasks,
  ...exportWords,
} as const

/** For the test that no area redefines another's message. */
export const areas = { access, common, desk, frame, session, orders, refunds, bills, books, recon, reconRules, flow, close, receipts, channels, audit, settings, tasks, hands, certs, xray, exportWords }
