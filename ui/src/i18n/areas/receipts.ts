export const receipts = {
  'receipts.title': ['', ''],
} as const
