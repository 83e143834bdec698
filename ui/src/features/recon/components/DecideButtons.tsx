import { Button } from 'antd'
import { Money } from '../../../components/Money'
import { Kbd } from '../../../components/small'
import { timeText } from '../../../format'
import type { ResolutionView } from '../../../generated/types'
import { useT } from '../../../i18n'
import { kindText, why, whyNot } from './History'

/** What waits for the second person: who wants it and why, and why the reader may not decide. */
export function Proposal({ entry }: { entry: ResolutionView }) {
  const t = useT()
  return (
    <div className="zf-pane-section zf-stack" data-testid="proposal">
      <span>
        <b>{kindText(t, entry)}</b> <Money value={entry.amount} signed /> · {why(t, entry)}
      </span>
      <span className="zf-help">{t('recon.proposed_waits', { name: entry.proposed_by, day: timeText(entry.proposed_at, 'minute') })}</span>
      {entry.may_decide ? null : (
        <span className="zf-help" data-testid="may-not-decide">
          {whyNot(t, entry.may_not_because)}
        </span>
      )}
    </div>
  )
}

type Props = { onDecide: ((approve: boolean) => void) | null }

/** Yes and no, in sight of everybody. */
export function DecideButtons({ onDecide }: Props) {
  const t = useT()
  return (
    <>
      <Button disabled={onDecide === null} onClick={() => onDecide?.(false)} data-testid="reject">
        {t('recon.reject')} <Kbd keys="B" />
      </Button>
      <Button type="primary" disabled={onDecide === null} onClick={() => onDecide?.(true)} data-testid="approve">
        {t('recon.approve')} <Kbd keys="A" />
      </Button>
    </>
  )
}
