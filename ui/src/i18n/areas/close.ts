export const close = {
  'close.title': ['', ''],
} as const
