export const channels = {
  'channels.title': ['', ''],
} as const
