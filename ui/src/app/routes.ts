import type { PageRoute } from '../features/types'
import { routes as access } from '../features/access/routes'
import { routes as approvals } from '../features/approvals/routes'
import { routes as audit } from '../features/audit/routes'
import { routes as bills } from '../features/bills/routes'
import { routes as books } from '../features/books/routes'
import { routes as channels } from '../features/channels/routes'
import { routes as close } from '../features/close/routes'
import { routes as keys } from '../features/keys/routes'
import { routes as desk } from '../features/desk/routes'
import { routes as exports_ } from '../features/exports/routes'
import { routes as orders } from '../features/orders/routes'
import { routes as receipts } from '../features/receipts/routes'
import { routes as recon } from '../features/recon/routes'
import { routes as refunds } from '../features/refunds/routes'
import { routes as rules } from '../features/rules/routes'
import { routes as settings } from '../features/settings/routes'
import { routes as xray } from '../features/xray/routes'

/** Every page, in the order of the navigation. A feature offers its pages; only this file knows them all. */
export const routes: readonly PageRoute[] = [
  ...desk,
  ...orders,
  ...refunds,
  ...approvals,
  ...bills,
  ...books,
  ...recon,
  ...rules,
  ...close,
  ...receipts,
  ...exports_,
  ...channels,
  ...keys,
  ...xray,
  ...audit,
  ...access,
  ...settings,
]
