export const bills = {
  'bills.title': ['', ''],
} as const
