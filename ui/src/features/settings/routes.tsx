import { SettingOutlined } from '@ant-design/icons'
import { lazy } from 'react'
import type { PageRoute } from '../types'

export const routes: readonly PageRoute[] = [
  {
    path: '/settings',
    title: 'settings.title',
    page: lazy(() => import('./components/SettingsPage')),
    group: 'end',
    icon: SettingOutlined,
    letter: 's',
  },
]
