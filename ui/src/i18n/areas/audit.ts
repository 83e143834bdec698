export const audit = {
  'audit.title': ['', ''],
} as const
