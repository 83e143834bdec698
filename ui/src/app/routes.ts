import type { PageRoute } from '../features/types'
import { routes as approvals } from '../features/approvals/routes'
import { routes as orders } from '../features/orders/routes'
import { routes as refunds } from '../features/refunds/routes'

/** Every page, in the order of the navigation. A feature offers its pages; only this file knows them all. */
export const routes: readonly PageRoute[] = [...orders, ...refunds, ...approvals]
