import { moneyText } from '../../../format'
import type { BatchResult, ResolutionView } from '../../../generated/types'
import { useT } from '../../../i18n'
import { useToasts } from '../../../components/Toast'
import { byCurrency, useDecide } from '../api'
import { ReasonStep } from './Steps'

export type Decision = { entries: readonly ResolutionView[]; approve: boolean }

type Props = { decision: Decision | null; onClose: () => void; onDone: (result: BatchResult) => void }

/** The second person's yes or no; a no needs its reason. */
export function DecideStep({ decision, onClose, onDone }: Props) {
  const t = useT()
  const toasts = useToasts()
  const decide = useDecide()
  const approve = decision?.approve ?? true
  const entries = decision?.entries ?? []
  const n = entries.length
  const confirm = (note: string) =>
    decide.mutate(
      { resolution_ids: entries.map((e) => e.resolution_id), approve, note },
      {
        onSuccess: (result) => {
          onClose()
          onDone(result)
          if (result.done > 0) toasts.show({ text: t(approve ? 'recon.approved' : 'recon.rejected', { n: result.done }), note: approve ? t('recon.approved_note') : undefined })
        },
      },
    )
  return (
    <ReasonStep
      name={approve ? 'approve' : 'reject'}
      amounts={decision === null ? null : entries.map((e) => e.amount)}
      title={t(approve ? 'recon.approve_title' : 'recon.reject_title', { n })}
      lead={t(approve ? 'recon.approve_lead' : 'recon.reject_lead')}
      verb={t(approve ? 'recon.approve_do' : 'recon.reject_do', { n, sum: byCurrency(entries.map((e) => e.amount)).map((m) => moneyText(m)).join(t('common.and')) })}
      optional={approve}
      busy={decide.isPending}
      error={decide.error}
      onClose={() => {
        decide.reset()
        onClose()
      }}
      onConfirm={confirm}
    />
  )
}
