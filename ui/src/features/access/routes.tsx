import { TeamOutlined } from '@ant-design/icons'
import { lazy } from 'react'
import type { PageRoute } from '../types'

export const routes: readonly PageRoute[] = [
  {
    path: '/access',
    title: 'access.title',
    page: lazy(() => import('./components/AccessPage')),
    group: 'oversight',
    icon: TeamOutlined,
    letter: 't',
    needs: 'view_audit',
  },
]
