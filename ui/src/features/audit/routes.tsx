import { SafetyCertificateOutlined } from '@ant-design/icons'
import { lazy } from 'react'
import type { PageRoute } from '../types'

export const routes: readonly PageRoute[] = [
  {
    path: '/audit',
    title: 'audit.title',
    page: lazy(() => import('./components/AuditPage')),
    group: 'oversight',
    icon: SafetyCertificateOutlined,
    letter: 'l',
    needs: 'view_audit',
  },
]
