import { FilePdfOutlined } from '@ant-design/icons'
import { lazy } from 'react'
import type { PageRoute } from '../types'

export const routes: readonly PageRoute[] = [
  {
    path: '/receipts',
    title: 'receipts.title',
    page: lazy(() => import('./components/ReceiptsPage')),
    group: 'documents',
    icon: FilePdfOutlined,
    letter: 'p',
    needs: 'view_orders',
  },
]
