import { CalendarOutlined } from '@ant-design/icons'
import { lazy } from 'react'
import type { PageRoute } from '../types'

export const routes: readonly PageRoute[] = [
  {
    path: '/bills',
    title: 'bills.title',
    page: lazy(() => import('./components/BillsPage')),
    group: 'recon',
    icon: CalendarOutlined,
    letter: 'b',
    needs: 'view_bills',
    badge: { of: 'bills_missing', family: 'br' },
  },
]
