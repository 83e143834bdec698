export const recon = {
  'recon.title': ['对账工作台', 'Reconciliation workbench'],
  'recon.residual': ['未解释残差', 'Unexplained'],
} as const
