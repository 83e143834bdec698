export const settings = {
  'settings.title': ['', ''],
} as const
