import { FileSearchOutlined } from '@ant-design/icons'
import { lazy } from 'react'
import type { PageRoute } from '../types'

export const routes: readonly PageRoute[] = [
  {
    path: '/orders',
    title: 'orders.title',
    page: lazy(() => import('./components/OrdersPage')),
    group: 'trade',
    icon: FileSearchOutlined,
    letter: 'o',
    needs: 'view_orders',
  },
]
