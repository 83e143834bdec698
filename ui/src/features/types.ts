import type { ComponentType, LazyExoticComponent } from 'react'
import type { Badges, Permission } from '../generated/types'
import type { PlainKey } from '../i18n'
import type { Family } from '../theme/tokens'

/** One page as a feature offers it to the frame. */
export type PageRoute = {
  path: string
  title: PlainKey
  /** A shorter name for the navigation, where the title is long. */
  nav?: PlainKey
  page: LazyExoticComponent<ComponentType> | ComponentType
  group: 'top' | 'trade' | 'recon' | 'documents' | 'channels' | 'oversight' | 'end'
  icon: ComponentType
  /** The letter after G. */
  letter: string
  /** Without this right the page stays in the navigation and says whom to ask. */
  needs?: Permission
  /** Work that waits, shown in the navigation. */
  badge?: { of: keyof Badges; family: Family }
}
