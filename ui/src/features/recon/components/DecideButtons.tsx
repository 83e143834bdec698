import { Button } from 'antd'
import { Kbd } from '../../../components/small'
import { timeText } from '../../../format'
import type { ResolutionView } from '../../../generated/types'
import { useT } from '../../../i18n'
import { whyNot } from './History'

type Props = { entry: ResolutionView; onDecide: ((approve: boolean) => void) | null }

/** Yes and no; whoever may not press them reads why. */
export function DecideButtons({ entry, onDecide }: Props) {
  const t = useT()
  return (
    <>
      <span className="zf-help zf-grow" data-testid="may-not-decide">
        {entry.may_decide ? t('recon.proposed_waits', { name: entry.proposed_by, day: timeText(entry.proposed_at, 'short') }) : whyNot(t, entry.may_not_because)}
      </span>
      <Button disabled={onDecide === null} onClick={() => onDecide?.(false)} data-testid="reject">
        {t('recon.reject')} <Kbd keys="B" />
      </Button>
      <Button type="primary" disabled={onDecide === null} onClick={() => onDecide?.(true)} data-testid="approve">
        {t('recon.approve')} <Kbd keys="A" />
      </Button>
    </>
  )
}
