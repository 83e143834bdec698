import { ExportOutlined } from '@ant-design/icons'
import { lazy } from 'react'
import type { PageRoute } from '../types'

export const routes: readonly PageRoute[] = [
  {
    path: '/exports',
    title: 'exports.title',
    page: lazy(() => import('./components/ExportsPage')),
    group: 'documents',
    icon: ExportOutlined,
    letter: 'e',
  },
]
